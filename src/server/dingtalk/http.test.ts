import { createAuthorizationUrl } from './api';
import { DingTalkError } from './errors';
import { dingTalkUrl } from './http';

describe('dingTalkUrl', () => {
  afterEach(() => delete process.env.DINGTALK_API_URL);

  it('is DingTalk’s own address unless the operator sets another one', () => {
    delete process.env.DINGTALK_API_URL;
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe('https://api.dingtalk.com/v1');
    process.env.DINGTALK_API_URL = 'https://api.dingtalk.io';
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe('https://api.dingtalk.io/v1');
  });

  it.each([
    ['DINGTALK_LOGIN_URL', 'https://login.dingtalk.com/v1'],
    ['DINGTALK_OAPI_URL', 'https://oapi.dingtalk.com/v1'],
  ] as const)('has a host for %s', (host, address) => {
    expect(dingTalkUrl(host, '/v1').href).toBe(address);
  });

  it.each(['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1'])('may be this machine: %s', (base) => {
    process.env.DINGTALK_API_URL = base;
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe(`${base}/v1`);
  });

  it.each(['http://api.dingtalk.com', 'http://127.0.0.1.evil.com', 'ftp://localhost', 'file:///etc', 'nonsense'])(
    'must be https otherwise: %s',
    (base) => {
      process.env.DINGTALK_API_URL = base;
      const reason = 'DINGTALK_API_URL must be an https address';
      const expected = new DingTalkError('unreachable', { endpoint: '/v1', reason });
      expect(() => dingTalkUrl('DINGTALK_API_URL', '/v1')).toThrow(expected);
    },
  );
});

describe('createAuthorizationUrl', () => {
  const request = { clientId: 'ding&1', redirectUri: 'https://nb.example/api/dingtalk:redirect?a=ü', state: 'state' };
  const parametersOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  afterEach(() => delete process.env.DINGTALK_LOGIN_URL);

  it('asks for what DingTalk demands, each value encoded', () => {
    const url = createAuthorizationUrl(request);
    expect(url).toMatch(/^https:\/\/login\.dingtalk\.com\/oauth2\/auth\?/);
    expect(parametersOf(url)).toEqual({
      redirect_uri: request.redirectUri,
      response_type: 'code',
      client_id: 'ding&1',
      scope: 'openid',
      prompt: 'consent',
      state: 'state',
    });
  });

  it('asks for the organization where one is configured', () => {
    expect(parametersOf(createAuthorizationUrl({ ...request, corpId: 'dingcorp' }))).toMatchObject({
      scope: 'openid corpid',
      corpId: 'dingcorp',
    });
  });

  it('leads to no host that others could read', () => {
    process.env.DINGTALK_LOGIN_URL = 'http://login.dingtalk.com';
    expect(() => createAuthorizationUrl(request)).toThrow(DingTalkError);
  });
});
