import type { Model } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { CHANNEL_TYPE } from '../../shared/constants';
import { CodedError } from '../http/coded-error';

/** Name of NocoBase's plugin for notifications, which may be missing or off. */
const HOST = 'notification-manager';

/** NocoBase's tables, which that plugin has. */
export const CHANNELS = 'notificationChannels';
export const SEND_LOGS = 'notificationSendLogs';

/** What NocoBase hands to a channel; each text of the message is compiled. */
export interface SendParams {
  channel: { name: string; options?: unknown };
  message: unknown;
  receivers?: { type: string; value: unknown };
}

export interface SendAnswer {
  message: unknown;
  status: 'success' | 'failure';
  /** NocoBase keeps it in its log, also of a success. */
  reason?: string;
}

/** NocoBase makes an object of it for each message. */
export type ChannelClass = new (app: Application) => { send(params: SendParams): Promise<SendAnswer> };

/** As much of the plugin as is used. */
interface NotificationHost {
  registerChannelType(config: { type: string; Channel: ChannelClass; useQueue: boolean }): void;
}

/** Undefined where the plugin is missing or off: signing in does not notice. */
export function findHost({ pm }: Application): NotificationHost | undefined {
  const host = pm.get(HOST) as unknown as (Partial<NotificationHost> & { enabled?: boolean }) | undefined;
  return host?.enabled && host.registerChannelType ? (host as NotificationHost) : undefined;
}

/**
 * The options of a channel of this type, as the database has them now: NocoBase keeps a copy in each process, and no node
 * hears of a change on another one.
 *
 * @throws CodedError CHANNEL_UNAVAILABLE
 */
export async function readChannelOptions({ db }: Pick<Application, 'db'>, name: string): Promise<unknown> {
  const row: Model | null = await db.getModel(CHANNELS).findOne({ where: { name, notificationType: CHANNEL_TYPE } });
  if (!row) {
    throw new CodedError('CHANNEL_UNAVAILABLE');
  }
  return row.get('options');
}
