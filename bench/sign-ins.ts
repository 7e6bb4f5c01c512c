import { Browser } from '../src/server/__tests__/support/browser';
import type { DingTalk } from '../src/server/__tests__/support/dingtalk';
import { CLIENT_ID } from '../src/server/__tests__/support/nocobase';
import { begin } from '../src/server/__tests__/support/sign-in';

/** What the callback page sends, made ready beforehand: only `auth:signIn` is measured, for the floor and for ours. */
export type SignIn = () => Promise<Response>;

export function floorSignIns(url: string, userId: number, count: number): SignIn[] {
  const browser = new Browser(url);
  const signIn = () => browser.fetch('/api/auth:signIn', { json: { userId }, headers: { 'x-authenticator': 'floor' } });
  return Array.from({ length: count }, () => signIn);
}

export async function dingTalkSignIns(url: string, dingtalk: DingTalk, accounts: string[]): Promise<SignIn[]> {
  const signIns: SignIn[] = [];
  for (const account of accounts) {
    const browser = new Browser(url);
    const state = new URL((await begin(browser)).url).searchParams.get('state');
    const code = dingtalk.authorize({ clientId: CLIENT_ID, account });
    signIns.push(() =>
      browser.fetch('/api/auth:signIn', { json: { code, state }, headers: { 'x-authenticator': 'dingtalk' } }),
    );
  }
  return signIns;
}
