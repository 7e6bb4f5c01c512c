import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import { mayAll } from '../accounts/administrators';
import { announceBinding } from '../accounts/notice';
import { withWriteLock } from '../accounts/lock';
import { MEMBERS } from '../directory/store/collections';
import { withCodes } from '../directory/failures';
import { withLease } from '../directory/lock';
import { readMembers, updateMember } from '../directory/store/members';
import type { MemberRow } from '../directory/types';
import { definePostAction, rowId, text } from '../http/actions';
import { CodedError } from '../http/coded-error';
import { putLoggedFields } from '../http/privacy';
import { logSuccess } from '../http/report';
import { endWaysOf } from './end-ways-in';
import { linkToUser } from './link-member';
import { ofSource, requireBinding, requireSaved } from './requests';

const topic = 'directory';

const ofMember = ofSource.extend({ member: text.min(1) });

/** @throws CodedError ACTION_FORBIDDEN */
function requireMay(ctx: Context, resource: 'users' | 'roles'): void {
  if (!mayAll(ctx, resource, 'update')) {
    throw new CodedError('ACTION_FORBIDDEN');
  }
}

/**
 * The row of a member, while nobody else works on the source: a run would write what it read of the row before.
 *
 * @param isMeant which of the rows with this userid, which the organization may have given to another member
 * @throws CodedError MEMBER_UNAVAILABLE, SYNC_RUNNING, SOURCE_UNAVAILABLE
 */
function withMember<T>(
  ctx: Context,
  { source, member }: z.output<typeof ofMember>,
  isMeant: (row: MemberRow) => boolean,
  work: (row: MemberRow) => Promise<T>,
): Promise<T> {
  const { app, db } = ctx;
  return withCodes(async () => {
    const { id: sourceId } = await requireSaved(ctx, source);
    return withLease(app, sourceId, async () => {
      const found = await db
        .getModel(MEMBERS)
        .findAll({ attributes: ['id'], where: { sourceId, dingtalkUserid: member } });
      const rows = await readMembers(db, sourceId, { ids: found.map((row) => String(row.get('id'))) });
      // The collations of MySQL find `a` for `A`.
      const row = rows.find((one) => one.userid === member && isMeant(one));
      if (!row) {
        throw new CodedError('MEMBER_UNAVAILABLE');
      }
      putLoggedFields(ctx, { source: sourceId, row: row.id, user: row.userId });
      return work(row);
    });
  });
}

const isListed = ({ state }: MemberRow) => state !== 'left';
const hasLeft = ({ state }: MemberRow) => state === 'left';

/** `POST dingtalk:linkMember` */
export const linkMember = definePostAction('linkMember', {
  topic,
  body: ofMember.extend({ user: rowId, allow: z.boolean().default(false) }),
  async run(ctx, { source, member, user: userId, allow }) {
    requireMay(ctx, 'users');
    const { authenticator } = await requireBinding(ctx, source);
    const { name } = authenticator;
    await withMember(ctx, { source, member }, isListed, async (row) => {
      putLoggedFields(ctx, { source, row: row.id, user: userId });
      await linkToUser(ctx, authenticator, row, { userId, allow });
      const by = String(ctx.state.currentUser.id);
      logSuccess(ctx, 'directory', { outcome: 'LINKED', authenticator: name, userId, rule: 'administrator', by });
      announceBinding(ctx, {
        authenticator: { name, title: authenticator.model.get('title') },
        userId,
        account: { nick: row.name },
        rule: 'administrator',
      });
    });
    return {};
  },
});

/** `POST dingtalk:leaveOut` */
export const leaveOut = definePostAction('leaveOut', {
  topic,
  body: ofMember.extend({ undo: z.boolean().default(false) }),
  async run(ctx, { source, member, undo }) {
    await withMember(ctx, { source, member }, isListed, (row) => {
      const reason = row.state === 'open' && !undo ? 'LEFT_OUT' : row.reason;
      return change(ctx, row, { isLeftOut: !undo, reason });
    });
    return {};
  },
});

/** `POST dingtalk:allowMember` */
export const allowMember = definePostAction('allowMember', {
  topic,
  body: ofMember,
  async run(ctx, body) {
    // It gives an account back to a user from whom somebody took it, as a link by hand does.
    requireMay(ctx, 'users');
    await withMember(ctx, body, isListed, (row) => change(ctx, row, { isAllowed: true }));
    return {};
  },
});

/** `POST dingtalk:confirmMembership` */
export const confirmMembership = definePostAction('confirmMembership', {
  topic,
  body: ofMember.extend({ department: z.int().positive() }),
  async run(ctx, { department, ...body }) {
    requireMay(ctx, 'roles');
    await withMember(ctx, body, isListed, (row) =>
      change(ctx, row, { confirmed: [...new Set([...row.confirmed, String(department)])] }),
    );
    return {};
  },
});

/** `POST dingtalk:endWaysIn` */
export const endWaysIn = definePostAction('endWaysIn', {
  topic,
  body: ofMember,
  async run(ctx, body) {
    requireMay(ctx, 'users');
    const { authenticator } = await requireBinding(ctx, body.source);
    await withMember(ctx, body, hasLeft, async (row) => {
      const userId = await endWaysOf(ctx, authenticator, row);
      const by = String(ctx.state.currentUser.id);
      logSuccess(ctx, 'directory', { outcome: 'ENDED', authenticator: authenticator.name, userId, by });
    });
    return {};
  },
});

function change(ctx: Context, row: MemberRow, values: Partial<MemberRow>): Promise<void> {
  return withWriteLock(ctx, () => updateMember(ctx.db, row.id, { ...row, ...values }));
}
