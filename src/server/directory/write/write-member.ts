import type { Model, Transaction } from '@nocobase/database';
import { Bindings, idOf } from '../../accounts/bindings';
import { Exclusions } from '../../accounts/exclusions';
import { storableName } from '../../accounts/name-columns';
import { addUser, rolesOf } from '../../accounts/new-user';
import { endSessions } from '../../accounts/sessions';
import type { DingTalkAccount } from '../../dingtalk/api';
import { type MemberValues, updateMember } from '../store/members';
import type { SourceContext } from '../store/state';
import type { MemberChange } from '../types';
import type { Loaded } from './write-facts';
import { addedOf, membershipsAfter, type Newcomer, writeMemberships } from './write-memberships';

/** API keys as well: a leaver may have one. */
const ENDED = { apiKeys: true };

/** What stands ready at the end of a batch, to be written at once, and what is due when it is committed. */
export interface Batch {
  context: SourceContext;
  transaction: Transaction;
  /** NocoBase's IDs of departments, by DingTalk's. */
  departmentIds: Map<number, string>;
  facts: Loaded;
  corpId?: string;
  /** The order of the next user, see `nextSort`. */
  sort?: number;
  newRows: MemberValues[];
  newcomers: Newcomer[];
  due: Due;
}

export interface Due {
  /** Users whose departments changed: NocoBase has them in its memory. */
  moved: string[];
  /** Users whose sessions were ended. */
  ended: string[];
  /** Who was there before, and was bound. */
  bound: { userId: string; account: DingTalkAccount }[];
}

/**
 * Writes what changes for one member, apart from what waits for the end of the batch. It was checked before that it may.
 *
 * @throws CodedError USER_FIELDS_REQUIRED where a new user needs what DingTalk does not tell
 */
export async function writeMember(batch: Batch, change: MemberChange): Promise<void> {
  const { step, next } = change;
  switch (step?.type) {
    case 'create':
      return create(batch, change);
    case 'bind':
      return update(batch, change, await bind(batch, change, step.userId));
    case 'rebind':
      return update(batch, change, await bind(batch, change, step.userId));
    case 'detach':
      return detach(batch, change, step.userId);
    case 'suspend':
      return suspend(batch, change, step.userId);
    case 'keep':
      await exclude(batch, change, ['left']);
      return update(batch, change, step.userId);
    case 'delete':
      return remove(batch, change, step.userId);
    default:
      return update(batch, change, next.userId);
  }
}

async function create(batch: Batch, change: MemberChange): Promise<void> {
  const { context, transaction, departmentIds, facts, newcomers } = batch;
  const values = await storable(batch, change.values ?? {});
  const sort = batch.sort === undefined ? {} : { sort: batch.sort++ };
  const user = await addUser(context.db, transaction, { ...values, ...sort, ...rolesOf(facts.roleOfNewUsers.role) });
  await bindingsOf(batch).bind(user, accountOf(batch, change));
  const added = addedOf(change, departmentIds, facts);
  newcomers.push({ userId: idOf(user), added, main: change.memberships?.main });
  await welcomeBack(batch, change);
  await writeRow(batch, change, {
    ...change.next,
    userId: idOf(user),
    written: { ...change.next.written, ...fingerprints(batch, values) },
    memberships: membershipsAfter(change, added),
  });
}

/** @returns the ID of the user, who was there before */
async function bind(batch: Batch, change: MemberChange, userId: string): Promise<string> {
  const { facts, due } = batch;
  const user = facts.users.get(userId);
  if (user && !facts.boundTo.get(change.next.unionId)?.includes(userId)) {
    const account = accountOf(batch, change);
    await bindingsOf(batch).bind(user, account);
    if (change.step?.type === 'bind') {
      due.bound.push({ userId, account });
    }
  }
  return userId;
}

/** The columns and memberships of a user, and the row. Without a user, the row alone. */
async function update(batch: Batch, change: MemberChange, userId: string | undefined): Promise<void> {
  const { context, transaction, departmentIds, facts, due } = batch;
  const user = userId === undefined ? undefined : facts.users.get(userId);
  const values = user && change.values ? await storable(batch, change.values) : {};
  if (user) {
    await writeColumns(batch, user, values);
  }
  let { memberships } = change.next;
  if (user && userId !== undefined && change.memberships) {
    const added = await writeMemberships({ db: context.db, transaction, departmentIds }, userId, change, facts);
    memberships = membershipsAfter(change, added);
    due.moved.push(userId);
  }
  if (change.next.state === 'active') {
    await welcomeBack(batch, change);
  } else if (change.row?.state === 'left' && change.next.state === 'open') {
    await new Exclusions(context.db, context.authenticator.name, transaction).listedAgain(change.next.unionId);
  }
  const written = { ...change.next.written, ...fingerprints(batch, values) };
  await writeRow(batch, change, { ...change.next, written, memberships });
}

/** Only what differs: whoever is written is told to have changed, and workflows run. */
async function writeColumns({ context, transaction }: Batch, user: Model, values: Record<string, string>) {
  const changed = Object.fromEntries(Object.entries(values).filter(([column, value]) => user.get(column) !== value));
  if (Object.keys(changed).length) {
    await context.db.getRepository('users').update({ filterByTk: idOf(user), values: changed, transaction });
  }
}

/** As the columns can hold it, see `storableName`. */
async function storable({ context, transaction }: Batch, values: Record<string, string>) {
  const stored: Record<string, string> = {};
  for (const [column, value] of Object.entries(values)) {
    const text = await storableName(context.db, ['users', column], value, transaction);
    if (text !== undefined) {
      stored[column] = text;
    }
  }
  return stored;
}

/** Of what the columns hold, which may be less than was planned. */
const fingerprints = ({ context }: Batch, values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([column, value]) => [column, context.settings.fingerprint(column, value)]),
  );

async function detach(batch: Batch, change: MemberChange, userId: string): Promise<void> {
  const { context, transaction, facts, due } = batch;
  const user = facts.users.get(userId);
  if (user) {
    await bindingsOf(batch).unbind(user);
  }
  await exclude(batch, change, ['left', 'detached']);
  await endSessions(context.db, userId, ENDED, transaction);
  due.ended.push(userId);
  await update(batch, change, userId);
}

/** The binding, roles and memberships of a privileged user stay: an administrator decides about them. */
async function suspend(batch: Batch, change: MemberChange, userId: string): Promise<void> {
  const { context, transaction, due } = batch;
  await exclude(batch, change, ['left']);
  if (context.settings.leavers !== 'keep') {
    await endSessions(context.db, userId, ENDED, transaction);
    due.ended.push(userId);
  }
  await update(batch, change, userId);
}

/** The account stays refused until DingTalk lists it again. What was known of the user is of nobody any more. */
async function remove(batch: Batch, change: MemberChange, userId: string): Promise<void> {
  const { next } = change;
  const { context, transaction, due } = batch;
  await context.db.getRepository('users').destroy({ filterByTk: userId, transaction });
  const exclusions = new Exclusions(context.db, context.authenticator.name, transaction);
  await exclusions.welcomeBack({ unionId: next.unionId, userId });
  await exclusions.add('left', { unionId: next.unionId, account: next.name });
  await writeRow(batch, change, next);
  due.moved.push(userId);
}

/** The user is not named where the account left: another account of the user, if there is one, may go on. */
async function exclude(batch: Batch, { next, step }: MemberChange, reasons: ('left' | 'detached')[]): Promise<void> {
  const { context, transaction } = batch;
  const exclusions = new Exclusions(context.db, context.authenticator.name, transaction);
  const userId = step && 'userId' in step ? step.userId : undefined;
  for (const reason of reasons) {
    const excluded = { unionId: next.unionId, account: next.name };
    await exclusions.add(reason, reason === 'left' ? excluded : { ...excluded, userId });
  }
}

/** The directory lists the account: it may sign in, and be matched, as before. */
async function welcomeBack({ context, transaction, facts }: Batch, { next, row }: MemberChange): Promise<void> {
  const { unionId, userId } = { ...next, userId: next.userId ?? row?.userId };
  const { departed } = facts;
  if (departed.unionIds.has(unionId) || (userId !== undefined && departed.userIds.has(userId))) {
    await new Exclusions(context.db, context.authenticator.name, transaction).welcomeBack({ unionId, userId });
  }
}

async function writeRow(batch: Batch, { row }: MemberChange, next: MemberValues): Promise<void> {
  if (row) {
    await updateMember(batch.context.db, row.id, next, batch.transaction);
  } else {
    batch.newRows.push(next);
  }
}

const bindingsOf = ({ context, transaction }: Batch) =>
  new Bindings(context.db, context.authenticator.model, transaction);

const accountOf = ({ corpId }: Batch, { member, next }: MemberChange): DingTalkAccount => ({
  unionId: next.unionId,
  nick: member?.name ?? next.name,
  avatarUrl: member?.avatar,
  corpId,
});
