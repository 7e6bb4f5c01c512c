import type { Transaction } from '@nocobase/database';
import { type CaseCode, caseCodes } from '../../../shared/codes';
import type { Entry } from '../../../shared/directory';
import { withBindingLock } from '../../accounts/lock';
import { tellUser } from '../../accounts/notice';
import { endSessionsSince } from '../../accounts/sessions';
import { backgroundContext } from '../../http/background';
import { CodedError } from '../../http/coded-error';
import { ItemError, writeInBatches } from './batches';
import type { Lease } from '../lock';
import { MovedUsers } from '../moved-users';
import { addMembers } from '../store/members';
import type { SourceContext } from '../store/state';
import type { MemberChange } from '../types';
import { refusalOf } from './write-checks';
import { loadFacts } from './write-facts';
import { type Batch, type Due, writeMember } from './write-member';
import { placeNewcomers } from './write-memberships';
import type { WriteLog } from './write-log';

interface Work {
  lease: Pick<Lease, 'check'>;
  /** NocoBase's IDs of departments, by DingTalk's. */
  departmentIds: Map<number, string>;
  log: WriteLog;
  /** Is told how many more were dealt with. */
  onDone(count: number): void;
}

/**
 * Writes the changes of members.
 *
 * @returns the lines of those that came otherwise than planned: refused because something has changed, or failed
 * @throws where nothing more can be written: the lease is lost, the database is gone
 */
export async function writeMembers(context: SourceContext, changes: MemberChange[], work: Work): Promise<Entry[]> {
  const lines: Entry[] = [];
  await writeInBatches(changes, {
    async write(batch) {
      const refused = await writeBatch(context, batch, work);
      lines.push(...refused);
      work.onDone(batch.length);
    },
    async fail(change, error) {
      lines.push(await writeFailure(context, change, error, work));
      work.onDone(1);
    },
  });
  return lines;
}

async function writeBatch(context: SourceContext, changes: MemberChange[], work: Work): Promise<Entry[]> {
  const due: Due = { moved: [], ended: [], bound: [] };
  const refused = await withBindingLock(context, context.authenticator.model, async (transaction) => {
    await work.lease.check(transaction);
    const batch = await beginBatch(context, changes, work, transaction, due);
    const lines: Entry[] = [];
    for (const [index, change] of changes.entries()) {
      const refusal = refusalOf(change, batch.facts);
      if (refusal) {
        lines.push(lineOf(change, refusal));
      } else {
        await writeMember(batch, change).catch((error: unknown) => {
          throw new ItemError(index, error);
        });
      }
    }
    await endBatch(batch).catch((error: unknown) => {
      throw new ItemError(undefined, error);
    });
    return lines;
  });
  await settle(context, due, work.log);
  return refused;
}

async function beginBatch(
  context: SourceContext,
  changes: MemberChange[],
  { departmentIds, log }: Work,
  transaction: Transaction,
  due: Due,
): Promise<Batch> {
  const facts = await loadFacts(context, changes, departmentIds, transaction);
  const { corpId } = context.authenticator.settings;
  const { refused } = facts.roleOfNewUsers;
  if (refused) {
    log.add('DEFAULT_ROLE_UNUSED', new CodedError('DEFAULT_ROLE_REFUSED', { reason: refused }));
  }
  const creates = changes.some(({ step }) => step?.type === 'create');
  const sort = creates ? await nextSort(context, transaction) : undefined;
  return { context, transaction, departmentIds, facts, corpId, sort, newRows: [], newcomers: [], due };
}

/** NocoBase would look for the last one in the whole table for each new user, which takes ever longer. */
async function nextSort({ db }: SourceContext, transaction: Transaction): Promise<number | undefined> {
  const model = db.getModel('users');
  return 'sort' in model.rawAttributes ? Number((await model.max('sort', { transaction })) ?? 0) + 1 : undefined;
}

async function endBatch({ context, transaction, departmentIds, newRows, newcomers }: Batch): Promise<void> {
  await placeNewcomers({ db: context.db, transaction, departmentIds }, newcomers);
  if (newRows.length) {
    await addMembers(context.db, context.sourceId, newRows, transaction);
  }
}

/** What is due when the transaction is committed. */
async function settle(context: SourceContext, { moved, ended, bound }: Due, log: WriteLog): Promise<void> {
  const { app, authenticator } = context;
  // Once more: a request may have read, before the commit, what it has put into the memory after NocoBase's own deletion.
  await new MovedUsers(app).forget(moved).catch((error: unknown) => log.add('NODES_NOT_TOLD', error));
  for (const userId of ended) {
    await endSessionsSince(context, userId, { apiKeys: true });
  }
  const { name, title } = authenticator.model;
  for (const binding of bound) {
    await tellUser(backgroundContext(app), { authenticator: { name, title }, rule: 5, ...binding }).catch(
      (error: unknown) => log.add('NOTICE_FAILED', error),
    );
  }
}

/** One that failed by itself as well. A new user who lacks what users must have is an open case, and not a fault. */
async function writeFailure(context: SourceContext, change: MemberChange, error: unknown, work: Work): Promise<Entry> {
  if (!(error instanceof CodedError && error.code === 'USER_FIELDS_REQUIRED')) {
    work.log.add('WRITE_FAILED', error);
    return lineOf(change, 'WRITE_FAILED');
  }
  work.log.add('NEW_USERS_INCOMPLETE', error);
  const { entry, row, member, next } = change;
  const open: MemberChange = {
    entry,
    row,
    member,
    next: {
      ...next,
      state: 'open',
      reason: 'NEW_USERS_INCOMPLETE',
      isCreated: false,
      userId: undefined,
      written: {},
      memberships: {},
    },
  };
  try {
    const [refused] = await writeBatch(context, [open], work);
    return refused ?? lineOf(change, 'NEW_USERS_INCOMPLETE');
  } catch (second) {
    if (!(second instanceof ItemError)) {
      throw second;
    }
    work.log.add('WRITE_FAILED', second.error);
    return lineOf(change, 'WRITE_FAILED');
  }
}

/** In place of the planned line. What was not written is not told. */
function lineOf({ entry: { kind, id, name, userId } }: MemberChange, reason: CaseCode): Entry {
  const sort = caseCodes[reason];
  const told = sort === 'note' ? { action: 'skipped' as const, notes: [reason] } : { action: sort, reason };
  return { kind, id, name, ...told, ...(userId && { userId }) };
}
