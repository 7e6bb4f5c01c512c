import { setTimeout } from 'node:timers/promises';
import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import {
  type ErrorCode,
  keyForAdministrators,
  type MessageText,
  type NoticeText,
  type SyncText,
} from '../../shared/codes';
import { PACKAGE_NAME } from '../../shared/constants';
import english from '../../locale/en-US.json';
import { asData } from '../http/report';
import { withWriteLock } from './lock';

/** The plugin of NocoBase that sends notifications. It may be missing or off, so nothing of it is imported. */
interface NotificationManager {
  enabled: boolean;
  send(notification: {
    channelName: string;
    /** Each text is a template of Handlebars. */
    message: { title: string; content: string; options: { url: string } };
    data: Record<string, string>;
    receivers: { type: 'userId'; value: string[] };
    triggerFrom: string;
  }): Promise<{ status: string }>;
}

const IN_APP = 'in-app-message';

/** For a user who reads it: how sentences are said in the user's language. */
interface Speech {
  language: string;
  say(key: NoticeText | SyncText | MessageText | ErrorCode, values?: object): string;
}

/**
 * Sends a user an in-app message of NocoBase; none where the plugins for it are off.
 *
 * @param url path of the page that it opens
 * @throws where it could not be sent
 */
export async function sendInApp(
  ctx: Context,
  userId: string,
  url: string,
  compose: (speech: Speech) => Promise<{ title: string; content: string }>,
): Promise<void> {
  const { app, db } = ctx;
  const manager = app.pm.get('notification-manager') as NotificationManager | undefined;
  if (!manager?.enabled || !app.pm.get('notification-in-app-message')?.enabled) {
    return;
  }
  const where = { notificationType: IN_APP };
  const channel: Model | null = await db.getModel('notificationChannels').findOne({ where, order: ['createdAt'] });
  if (!channel) {
    return;
  }
  const language = await languageOf(ctx, userId);
  await app.localeManager.loadResourcesByLang(language);
  const say: Speech['say'] = (code, values = {}) => {
    const key = keyForAdministrators(code);
    return app.i18n.t(key, {
      lng: language,
      ns: PACKAGE_NAME,
      defaultValue: english[key],
      // The text is data of a template that escapes nothing, and is shown as text. `$t(…)` in a nickname is no sentence.
      ...asData,
      ...values,
    });
  };
  const data = await compose({ language, say });
  const send = () =>
    manager.send({
      channelName: String(channel.get('name')),
      // The whole text is data: a nickname such as `{{#if}}` is none of a template, and nor is a sentence of a translator.
      message: { title: '{{{title}}}', content: '{{{content}}}', options: { url } },
      data,
      receivers: { type: 'userId', value: [userId] },
      triggerFrom: PACKAGE_NAME,
    });
  await (db.inDialect('sqlite') ? persist(ctx, send) : attempt(send));
}

type Send = () => Promise<{ status: string }>;

async function attempt(send: Send): Promise<void> {
  const { status } = await send();
  if (status !== 'success') {
    throw new Error(status);
  }
}

/**
 * Sends when the sign-ins that wait for SQLite's one writer are done, and tries again after pauses. The lock is not held
 * meanwhile: a message that hangs would hold them up.
 */
async function persist(ctx: Context, send: Send): Promise<void> {
  for (const pause of [100, 200, 400, 800]) {
    await withWriteLock(ctx, async () => undefined);
    try {
      return await attempt(send);
    } catch {
      await setTimeout(pause);
    }
  }
  await attempt(send);
}

/** The user's language, if NocoBase offers it; else NocoBase's own. */
async function languageOf({ db }: Context, userId: string): Promise<string> {
  const settings: Model | null = await db.getModel('systemSettings').findOne();
  const offered: string[] = settings?.get('enabledLanguages') ?? [];
  const user: Model | null = await db.getModel('users').findByPk(userId, { attributes: ['appLang'] });
  const own = user?.get('appLang');
  return offered.find((language) => language === own) ?? offered[0] ?? process.env.APP_LANG ?? 'en-US';
}
