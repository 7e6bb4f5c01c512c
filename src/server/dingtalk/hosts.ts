import { SignInError } from '../http/errors';

const defaults = {
  DINGTALK_LOGIN_URL: 'https://login.dingtalk.com',
  DINGTALK_API_URL: 'https://api.dingtalk.com',
  DINGTALK_OAPI_URL: 'https://oapi.dingtalk.com',
};

/** One of DingTalk's hosts, by the name of the environment variable that moves it. */
export type DingTalkHost = keyof typeof defaults;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether what goes there can be read by nobody on the way: https, or this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
}

/**
 * Address of one of DingTalk's hosts. An operator may set another one in the environment (DingTalk's international
 * edition, an emulator); as the Client Secret goes there it must be https, or this machine.
 */
export function dingTalkUrl(host: DingTalkHost, path: string): URL {
  const base = process.env[host] || defaults[host];
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url && isPrivate(url)) {
    return url;
  }
  throw new SignInError('DINGTALK_UNAVAILABLE', { reason: `${host} must be an https address` });
}
