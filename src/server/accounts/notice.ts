import { setTimeout } from 'node:timers/promises';
import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { Plugin } from '@nocobase/server';
import type { NoticeText } from '../../shared/codes';
import { ACCOUNT_PATH, PACKAGE_NAME, RESOURCE } from '../../shared/constants';
import english from '../../locale/en-US.json';
import { describe } from '../http/report';
import { type Host, withWriteLock } from './lock';
import { storableName } from './name-columns';

/** Why an account was bound to a user who was there before: the rules of docs/identity.md, or the user's consent. */
const reasons = {
  3: 'BOUND_BY_OLD_KEY',
  5: 'BOUND_BY_PHONE',
  confirmed: 'BOUND_BY_CONSENT',
} as const satisfies Record<string, NoticeText>;

interface NewBinding {
  authenticator: { name: string; title?: string | null };
  userId: string;
  account: { nick?: string };
  rule: keyof typeof reasons;
}

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

/**
 * Tells that an account can sign in as a user from now on: in the log, in the audit log, and to the user, who else might
 * never learn that somebody else can. Call it after the transaction has committed, and not of a user who was created
 * just now.
 *
 * It returns at once and never throws: a sign-in waits for no message.
 */
export function announceBinding(ctx: Context, binding: NewBinding): void {
  const { authenticator, userId, rule } = binding;
  ctx.logger.warn('DingTalk binding', { outcome: 'BOUND', authenticator: authenticator.name, userId, rule });
  const report = (error: unknown) =>
    ctx.logger.warn('DingTalk binding', { outcome: 'NOTICE_FAILED', userId, reason: describe(error) });
  audit(ctx, binding).catch(report);
  tellUser(ctx, binding).catch(report);
}

/**
 * An entry of its own in NocoBase's audit log: that of the sign-in does not say that an account was bound. A link that
 * was confirmed has its entry as an action.
 */
async function audit(ctx: Context, { authenticator, userId, rule }: NewBinding): Promise<void> {
  const { auditManager } = ctx.app;
  if (auditManager.logger && rule !== 'confirmed') {
    await auditManager.logger.log({
      ...auditManager.formatAuditData(ctx),
      uuid: ctx.reqId,
      resource: RESOURCE,
      action: 'bind',
      userId,
      status: 200,
      targetCollection: 'users',
      targetRecordUK: userId,
      metadata: { request: { body: { authenticator: authenticator.name, rule } } },
    });
  }
}

/**
 * Tells the user alone, who must have been there before, and after the transaction has committed. By an in-app message:
 * whoever holds the account that was bound just now would read one in DingTalk.
 *
 * @throws where the message cannot be sent
 */
export async function tellUser(host: Host, { authenticator, userId, account, rule }: NewBinding): Promise<void> {
  const { app, db } = host;
  const manager = app.pm.get('notification-manager') as (Plugin & NotificationManager) | undefined;
  if (!manager?.enabled || !app.pm.get('notification-in-app-message')?.enabled) {
    return;
  }
  const where = { notificationType: IN_APP };
  const channel: Model | null = await db.getModel('notificationChannels').findOne({ where, order: ['createdAt'] });
  if (!channel) {
    return;
  }
  const language = await languageOf(host, userId);
  await app.localeManager.loadResourcesByLang(language);
  const say = (key: NoticeText, values: object = {}) =>
    app.i18n.t(key, {
      lng: language,
      ns: PACKAGE_NAME,
      defaultValue: english[key],
      // The text is data of a template that escapes nothing, and is shown as text. `$t(…)` in a nickname is no sentence.
      interpolation: { escapeValue: false, skipOnVariables: true },
      ...values,
    });
  const nickname = await storableName(db, ['notificationInAppMessages', 'content'], account.nick);
  const data = {
    title: say('BOUND_TITLE'),
    content: say('BOUND_CONTENT', {
      account: nickname ?? '?',
      authenticator: authenticator.title || authenticator.name,
      time: timeIn(language),
      reason: say(reasons[rule]),
    }),
  };
  const send = () =>
    manager.send({
      channelName: String(channel.get('name')),
      // The whole text is data: a nickname such as `{{#if}}` is none of a template, and nor is a sentence of a translator.
      message: { title: '{{{title}}}', content: '{{{content}}}', options: { url: ACCOUNT_PATH } },
      data,
      receivers: { type: 'userId', value: [userId] },
      triggerFrom: PACKAGE_NAME,
    });
  await (db.inDialect('sqlite') ? persist(host, send) : attempt(send));
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
async function persist(host: Host, send: Send): Promise<void> {
  for (const pause of [100, 200, 400, 800]) {
    await withWriteLock(host, async () => undefined);
    try {
      return await attempt(send);
    } catch {
      await setTimeout(pause);
    }
  }
  await attempt(send);
}

/** The user's language, if NocoBase offers it; else NocoBase's own. */
async function languageOf({ db }: Host, userId: string): Promise<string> {
  const settings: Model | null = await db.getModel('systemSettings').findOne();
  const offered: string[] = settings?.get('enabledLanguages') ?? [];
  const user: Model | null = await db.getModel('users').findByPk(userId, { attributes: ['appLang'] });
  const own = user?.get('appLang');
  return offered.find((language) => language === own) ?? offered[0] ?? process.env.APP_LANG ?? 'en-US';
}

/** Now, with the server's time zone: the user's is not known. */
function timeIn(language: string): string {
  // Not by `toLocaleString`: in a NocoBase that runs, it knows no language.
  const timeAs = (locale: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long' }).format(new Date());
  try {
    return timeAs(language);
  } catch {
    // Administrators may offer languages whose names are none.
    return timeAs('en-US');
  }
}
