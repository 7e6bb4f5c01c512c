import type { Context } from '@nocobase/actions';
import { actionUrl, callbackBeside, namingApplication } from './addresses';

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

describe('the callback page beside a sign-in page', () => {
  const here = request({ host: 'a.example', 'x-forwarded-proto': 'https' });

  it.each([
    ['/signin', '/signin/dingtalk'],
    ['/signin/', '/signin/dingtalk'],
    ['/SignIn//', '/signin/dingtalk'],
    ['/nocobase/v/apps/hr/signin?redirect=/admin?a#b', '/nocobase/v/apps/hr/signin/dingtalk'],
    ['/页/signin', '/%E9%A1%B5/signin/dingtalk'],
    ['//evil.example/signin', '//evil.example/signin/dingtalk'],
    [`/${'x'.repeat(478)}/signin`, `/${'x'.repeat(478)}/signin/dingtalk`],
  ])('of %s is %s, on the same origin', (page, callback) => {
    expect(callbackBeside(here, `https://a.example${page}`)).toBe(`https://a.example${callback}`);
  });

  it.each([
    ['of another site', 'https://evil.example/signin', 'ORIGIN_NOT_TRUSTED'],
    ['of another site, by a user name', 'https://a.example@evil.example/signin', 'ORIGIN_NOT_TRUSTED'],
    ['of another scheme', 'http://a.example/signin', 'ORIGIN_NOT_TRUSTED'],
    ['with a user name', 'https://evil@a.example/signin', 'REQUEST_INVALID'],
    ['with a password', 'https://:evil@a.example/signin', 'REQUEST_INVALID'],
    ['that is the callback page', 'https://a.example/signin/dingtalk', 'REQUEST_INVALID'],
    ['that another name ends', 'https://a.example/nosignin', 'REQUEST_INVALID'],
    ['by the query alone', 'https://a.example/?/signin', 'REQUEST_INVALID'],
    ['by the fragment alone', 'https://a.example/#/signin', 'REQUEST_INVALID'],
    [
      'whose callback page is too long for the cookie',
      `https://a.example/${'x'.repeat(479)}/signin`,
      'REQUEST_INVALID',
    ],
  ])('is refused for a page %s', (_, page, code) => {
    expect(() => callbackBeside(here, page)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the Redirect URL of a sub-application', () => {
  const bare = 'https://a.example/backend/dingtalk:redirect';
  const named = 'https://a.example/backend/__app/hr/dingtalk:redirect';

  it.each([
    ['is named in the path where the client names it by a header', 'hr', 'hr', bare, named],
    ['is named once', 'hr', 'hr', named, named],
    ['has no name at a domain of its own, where clients send no header', 'hr', undefined, bare, bare],
    ['has no name of another one', 'hr', 'sales', bare, bare],
    ['has no name in the main application', 'main', 'main', bare, bare],
  ])('%s', (_, app, header, given, expected) => {
    const headers: Record<string, string> = header ? { 'x-app': header } : {};
    expect(namingApplication(request(headers, app), given)).toBe(expected);
  });
});
