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
    'T12: must be https otherwise: %s',
    (base) => {
      process.env.DINGTALK_API_URL = base;
      const reason = 'DINGTALK_API_URL must be an https address';
      const expected = new DingTalkError('unreachable', { endpoint: '/v1', reason });
      expect(() => dingTalkUrl('DINGTALK_API_URL', '/v1')).toThrow(expected);
    },
  );
});
