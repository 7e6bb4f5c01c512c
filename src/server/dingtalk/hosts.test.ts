import { SignInError } from '../http/errors';
import { authorizationUrl } from './authorization-url';
import { dingTalkUrl } from './hosts';

describe('dingTalkUrl', () => {
  afterEach(() => delete process.env.DINGTALK_API_URL);

  it('is DingTalk’s own address unless the operator sets another one', () => {
    delete process.env.DINGTALK_API_URL;
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe('https://api.dingtalk.com/v1');
    process.env.DINGTALK_API_URL = 'https://api.dingtalk.io';
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe('https://api.dingtalk.io/v1');
  });

  it.each(['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1'])('may be this machine: %s', (base) => {
    process.env.DINGTALK_API_URL = base;
    expect(dingTalkUrl('DINGTALK_API_URL', '/v1').href).toBe(`${base}/v1`);
  });

  it.each(['http://api.dingtalk.com', 'http://127.0.0.1.evil.com', 'ftp://localhost', 'file:///etc', 'nonsense'])(
    'must be https otherwise: %s',
    (base) => {
      process.env.DINGTALK_API_URL = base;
      expect(() => dingTalkUrl('DINGTALK_API_URL', '/v1')).toThrow(SignInError);
    },
  );
});

describe('authorizationUrl', () => {
  const request = { clientId: 'ding&1', redirectUri: 'https://nb.example/api/dingtalk:redirect?a=ü', state: 'state' };
  const parametersOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  it('asks for what DingTalk demands, each value encoded', () => {
    delete process.env.DINGTALK_LOGIN_URL;
    const url = authorizationUrl(request);
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
    expect(parametersOf(authorizationUrl({ ...request, corpId: 'dingcorp' }))).toMatchObject({
      scope: 'openid corpid',
      corpId: 'dingcorp',
    });
  });
});
