import type { Context } from '@nocobase/actions';
import type { NoticeText } from '../../shared/codes';
import { ACCOUNT_PATH, RESOURCE } from '../../shared/constants';
import { describe } from '../http/report';
import { sendInApp } from './in-app';
import { storableName } from './name-columns';

/**
 * Why an account was bound to a user who was there before: the rules of docs/identity.md, the user's consent, or an
 * administrator.
 */
const reasons = {
  3: 'BOUND_BY_OLD_KEY',
  5: 'BOUND_BY_PHONE',
  confirmed: 'BOUND_BY_CONSENT',
  administrator: 'BOUND_BY_ADMINISTRATOR',
} as const satisfies Record<string, NoticeText>;

interface NewBinding {
  authenticator: { name: string; title?: string | null };
  userId: string;
  account: { nick?: string };
  rule: keyof typeof reasons;
}

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
 * was confirmed, or that an administrator made, has its entry as an action.
 */
async function audit(ctx: Context, { authenticator, userId, rule }: NewBinding): Promise<void> {
  const { auditManager } = ctx.app;
  if (auditManager.logger && rule !== 'confirmed' && rule !== 'administrator') {
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
 * Tells the user alone, in the same case: a run that binds thousands has one line in the log. By an in-app message, as
 * whoever holds the account that was bound just now would read one in DingTalk.
 *
 * @throws where it could not be sent
 */
export async function tellUser(ctx: Context, { authenticator, userId, account, rule }: NewBinding): Promise<void> {
  await sendInApp(ctx, userId, ACCOUNT_PATH, async ({ say, language }) => {
    const nickname = await storableName(ctx.db, ['notificationInAppMessages', 'content'], account.nick);
    return {
      title: say('BOUND_TITLE'),
      content: say('BOUND_CONTENT', {
        account: nickname ?? '?',
        authenticator: authenticator.title || authenticator.name,
        time: timeIn(language),
        reason: say(reasons[rule]),
      }),
    };
  });
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
