import { SignInError } from '../errors';

const defaults = {
  DINGTALK_LOGIN_URL: 'https://login.dingtalk.com',
  DINGTALK_API_URL: 'https://api.dingtalk.com',
  DINGTALK_OAPI_URL: 'https://oapi.dingtalk.com',
};

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Address of one of DingTalk's hosts. An operator may set another one in the environment (DingTalk's international
 * edition, an emulator); as the Client Secret goes there it must be https, or this machine.
 */
export function dingTalkUrl(host: keyof typeof defaults, path: string): URL {
  const base = process.env[host] || defaults[host];
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname))) {
    return url;
  }
  throw new SignInError('DINGTALK_UNAVAILABLE', { reason: `${host} must be an https address` });
}
