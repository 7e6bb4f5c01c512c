import vm from 'node:vm';
import type { Model } from '@nocobase/database';
import type { Account, Emulator } from '../../emulator';
import { paceOf } from '../../src/server/directory/read/reader';
import type { ChannelOptions } from '../../src/shared/messages';
import { until } from '../../dev/until';
import { CLIENT_ID, type NocoBase } from './nocobase';

interface Manager {
  send(params: object): Promise<{ status: string; reason?: string; queued?: boolean }>;
}

interface LogLine {
  status: string;
  reason: string | null;
}

/** Objects as NocoBase's own code makes them: it compiles no template in one of the realm of a test. */
const ofNocoBase: (json: string) => object = vm.runInThisContext('JSON.parse');

/** Channels of the type `dingtalk`, as an administrator makes them, and what is sent by them. */
export class Channels {
  private readonly manager: Manager;

  constructor(private readonly nocobase: NocoBase) {
    // A test waits for no pace: the emulator does not mind.
    paceOf(CLIENT_ID).setRate(Infinity);
    this.manager = nocobase.app.pm.get('notification-manager') as unknown as Manager;
    const send = this.manager.send.bind(this.manager);
    this.manager.send = (params) => send(ofNocoBase(JSON.stringify(params)));
  }

  async add(name: string, options: ChannelOptions = {}): Promise<void> {
    await this.nocobase.db.getRepository('notificationChannels').create({
      values: {
        name,
        title: `Channel ${name}`,
        notificationType: 'dingtalk',
        options: { authenticator: 'dingtalk', address: 'https://nb.example', ...options },
      },
    });
  }

  /** As NocoBase's own code sends. */
  async send(channelName: string, content: unknown, receivers: unknown, more: object = {}) {
    const message = { content, receivers };
    return this.manager.send({ channelName, message, triggerFrom: 'test', data: {}, ...more });
  }

  /** The lines of NocoBase's log of notifications, the latest last. */
  async log(channelName: string): Promise<LogLine[]> {
    const rows: Model[] = await this.nocobase.db
      .getModel('notificationSendLogs')
      .findAll({ where: { channelName }, order: [['createdAt', 'ASC']] });
    return rows.map((row) => ({ status: row.get('status'), reason: row.get('reason') }));
  }

  /** A user who is linked to a member, as a sign-in links them. */
  async linkedUser(account: Account, values: Record<string, unknown> = {}, meta: object = {}): Promise<Model> {
    const user = await this.nocobase.addUser({ nickname: account.nick, ...values });
    await this.link(user, account, meta);
    return user;
  }

  async link(user: Model, { unionId }: Account, meta: object = {}): Promise<void> {
    await this.nocobase.db.getModel('usersAuthenticators').create({
      authenticator: 'dingtalk',
      userId: user.get('id'),
      uuid: unionId,
      nickname: '',
      meta: { unionId, ...meta },
    });
  }

  async metaOf(user: Model): Promise<Record<string, unknown>> {
    const bindings = await this.nocobase.bindings();
    return bindings.find(({ userId }) => String(userId) === String(user.get('id')))?.meta ?? {};
  }

  async setMeta(user: Model, meta: object): Promise<void> {
    const where = { authenticator: 'dingtalk', userId: user.get('id') };
    await this.nocobase.db.getModel('usersAuthenticators').update({ meta }, { where });
  }

  /** Waits until what a message found out is kept. */
  kept(user: Model, userid: string): Promise<void> {
    const holds = async () => (await this.metaOf(user)).userid === userid;
    return until(`the userid ${userid} is kept`, holds, { seconds: 10, everyMs: 20 });
  }
}

export const useridOf = ({ memberships: [{ userid }] }: Account): string => userid;

/** The texts that a member has got. */
export const inboxOf = (dingtalk: Emulator, account: Account): string[] =>
  dingtalk.notifications.inbox(useridOf(account)).map(({ msg }) => JSON.stringify(msg));
