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

/** Creates the channel "dingtalk", by the app of the authenticator; what is there is left alone. */
async function ensureChannel({ request, url }: NocoBaseServer, token: string): Promise<void> {
  const byName = `notificationChannels:list?filter=${query({ name: 'dingtalk' })}`;
  const [present] = await expectOk('Listing channels', request<unknown[]>(byName, { token }));
  if (!present) {
    const options = { authenticator: 'dingtalk', address: url, asksResult: true };
    const values = { name: 'dingtalk', title: 'DingTalk', notificationType: 'dingtalk', options };
    await expectOk('Creating the channel', request('notificationChannels:create', { token, values }));
  }
}

const ORDERS = 'demoOrders';
export const WORKFLOW = 'New order → message in DingTalk';

/** Creates a collection of orders with one in it, and a workflow that tells these users of each new one by the channel. */
export async function ensureWorkflow(nocobase: NocoBaseServer, token: string, users: DemoUser[]): Promise<void> {
  const { request } = nocobase;
  const byTitle = `workflows:list?filter=${query({ title: WORKFLOW })}`;
  const [present] = await expectOk('Listing workflows', request<unknown[]>(byTitle, { token }));
  if (present) {
    return;
  }
  await ensureChannel(nocobase, token);
  const collection = {
    name: ORDERS,
    title: 'Orders',
    template: 'general',
    titleField: 'customer',
    fields: [
      { name: 'id', type: 'bigInt', autoIncrement: true, primaryKey: true, allowNull: false, interface: 'integer' },
      { name: 'customer', type: 'string', interface: 'input', uiSchema: { title: 'Customer', 'x-component': 'Input' } },
      { name: 'amount', type: 'integer', interface: 'integer', uiSchema: { title: 'Amount' } },
    ],
  };
  const byName = `collections:list?filter=${query({ name: ORDERS })}`;
  const [collected] = await expectOk('Listing collections', request<unknown[]>(byName, { token }));
  if (!collected) {
    await expectOk('Creating the collection', request('collections:create', { token, values: collection }));
    const order = { customer: 'Harbour Tech', amount: 1200 };
    await expectOk('Creating an order', request(`${ORDERS}:create`, { token, values: order }));
  }
  const workflow = { title: WORKFLOW, type: 'collection', enabled: true, config: { collection: ORDERS, mode: 1 } };
  const { id } = await expectOk(
    'Creating the workflow',
    request<{ id: number }>('workflows:create', { token, values: workflow }),
  );
  const content = {
    type: 'actionCard',
    title: 'A new order',
    text: '# A new order\n> of **{{{$context.data.customer}}}**\n\nAmount: {{{$context.data.amount}}}',
    button: 'Open NocoBase',
    url: '/admin',
  };
  // As the form writes it, which would show another one as an empty condition.
  const receivers = [{ filter: { $or: users.map(({ account }) => ({ username: { $eq: account.id } })) } }];
  const config = { channelName: 'dingtalk', content, receivers };
  const node = { type: 'notification', title: 'Message in DingTalk', config };
  await expectOk('Creating its node', request(`workflows/${id}/nodes:create`, { token, values: node }));
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
