import type { Context } from '@nocobase/actions';
import { actionUrl } from './addresses';

const ENVIRONMENT = { ...process.env };

afterEach(() => {
  process.env = { ...ENVIRONMENT };
});

function request(headers: Record<string, string>, app = 'main'): Context {
  const get = (name: string) => headers[name] ?? '';
  return { app: { name: app }, headers, get, protocol: 'http' } as unknown as Context;
}

const host = { host: 'nocobase.internal:13000' };

describe('the address of an action, for others to call', () => {
  it.each<[string, Record<string, string>, string, object, string]>([
    [
      'is the origin that the browser named',
      { ...host, origin: 'https://a.example' },
      'main',
      {},
      'https://a.example/api/dingtalk:event',
    ],
    [
      'else of the page that sent the request',
      { ...host, referer: 'https://a.example/admin?x=1' },
      'main',
      {},
      'https://a.example/api/dingtalk:event',
    ],
    [
      'else what the proxy forwards',
      { ...host, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' },
      'main',
      {},
      'https://a.example/api/dingtalk:event',
    ],
    ['else the host of the request', host, 'main', {}, 'http://nocobase.internal:13000/api/dingtalk:event'],
    [
      'names a sub-application in its path',
      host,
      'sub',
      {},
      'http://nocobase.internal:13000/api/__app/sub/dingtalk:event',
    ],
    [
      'is below the path of NocoBase',
      host,
      'main',
      { API_BASE_PATH: '/nocobase/api/' },
      'http://nocobase.internal:13000/nocobase/api/dingtalk:event',
    ],
    [
      'is of the API’s own origin',
      { ...host, origin: 'https://a.example' },
      'main',
      { API_BASE_URL: 'https://api.example/api' },
      'https://api.example/api/dingtalk:event',
    ],
  ])('%s', (_, headers, app, environment, url) => {
    process.env = { ...ENVIRONMENT, API_BASE_PATH: '/api/', API_BASE_URL: '', ...environment };
    expect(actionUrl(request(headers, app), 'dingtalk:event')).toBe(url);
  });
});
