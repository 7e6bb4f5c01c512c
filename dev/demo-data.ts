import type { Account } from '../emulator';
import { expectOk } from './api';
import type { NocoBaseServer } from './nocobase-process';

export interface DemoUser {
  account: Account;
  phone: string;
}

interface Authenticator {
  id: number;
  name: string;
  options?: { public?: object; dingtalk?: object };
}

/** Creates the authenticator "dingtalk"; if it is there, refreshes the credentials and leaves other settings alone. */
export async function ensureAuthenticator(nocobase: NocoBaseServer, token: string, credentials: object): Promise<void> {
  const { request } = nocobase;
  const byName = `authenticators:list?filter=${query({ name: 'dingtalk' })}`;
  const [present] = await expectOk('Listing authenticators', request<Authenticator[]>(byName, { token }));
  const values = {
    ...present,
    name: 'dingtalk',
    authType: 'dingtalk',
    title: 'DingTalk',
    enabled: true,
    options: {
      ...present?.options,
      public: { autoSignup: true, autoSignIn: true, ...present?.options?.public },
      dingtalk: { ...present?.options?.dingtalk, ...credentials },
    },
  };
  const action = present ? `authenticators:update?filterByTk=${present.id}` : 'authenticators:create';
  await expectOk('Saving the authenticator', request(action, { method: 'POST', token, values }));
}

/** Creates the source "dingtalk", ready to run; what is there is left alone. */
export async function ensureSource({ request }: NocoBaseServer, token: string): Promise<void> {
  const byName = `userDataSyncSources:list?filter=${query({ name: 'dingtalk' })}`;
  const [present] = await expectOk('Listing sources', request<unknown[]>(byName, { token }));
  if (!present) {
    const values = { name: 'dingtalk', sourceType: 'dingtalk', enabled: true, options: { authenticator: 'dingtalk' } };
    await expectOk('Creating the source', request('userDataSyncSources:create', { token, values }));
  }
}

/** Two users who exist in NocoBase already, with their phone numbers in two usual spellings. */
export async function ensureUsers(nocobase: NocoBaseServer, token: string, accounts: Account[]): Promise<DemoUser[]> {
  const chinese = accounts.filter(({ stateCode, mobile }) => stateCode === '86' && mobile?.length === 11);
  const writings = [(mobile: string) => mobile, (mobile: string) => mobile.replace(/^(...)(....)/, '+86 $1-$2-')];
  const users = writings.flatMap((write, index) => {
    const account = chinese[index];
    return account?.mobile ? [{ account, phone: write(account.mobile) }] : [];
  });
  for (const { account, phone } of users) {
    await ensureUser(nocobase, token, account, phone);
  }
  return users;
}

async function ensureUser(
  { request }: NocoBaseServer,
  token: string,
  { id, nick }: Account,
  phone: string,
): Promise<void> {
  const byName = `users:list?filter=${query({ username: id })}`;
  const present = await expectOk('Listing users', request<unknown[]>(byName, { token }));
  if (present.length > 0) {
    return;
  }
  const values = { username: id, nickname: nick, phone };
  await expectOk(`Creating the user ${id}`, request('users:create', { token, values }));
}

function query(filter: object): string {
  return encodeURIComponent(JSON.stringify(filter));
}
