import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';
import { idOf } from '../../accounts/bindings';
import { Exclusions, isIn } from '../../accounts/exclusions';
import { phoneOf } from '../../accounts/phone';
import { phoneFingerprint } from '../../accounts/phone-fingerprint';
import { Privileges, type RoleOfNewUsers } from '../../accounts/privileges';
import { backgroundContext } from '../../http/background';
import { readMembers } from '../store/members';
import { undeletableAmong } from '../store/undeletable';
import { Authenticator } from '../../configuration/authenticators';
import { mayMatchByPhone, type SourceContext } from '../store/state';
import type { MemberChange } from '../types';
import type { Facts } from './write-checks';

/** What a batch needs besides what the checks do. */
export interface Loaded extends Facts {
  /** Users who are still there, locked until the transaction ends, by their IDs. */
  users: Map<string, Model & { phone: string | null }>;
  /** Memberships, by user and by the department's ID in NocoBase: the owner flag. */
  memberships: Map<string, Map<string, boolean>>;
  /** NocoBase's departments that are still there, of those that the batch adds. */
  departments: Set<string>;
  /** Of the users whom the batch creates. */
  roleOfNewUsers: RoleOfNewUsers;
  /** Accounts and users whom the directory said to have left. */
  departed: { unionIds: Set<string>; userIds: Set<string> };
}

/** Whom a batch deletes. */
const deletedBy = ({ step }: MemberChange): string[] => (step?.type === 'delete' ? [step.userId] : []);

const userIdsOf = ({ step, next, row }: MemberChange): string[] =>
  [step && 'userId' in step ? step.userId : undefined, next.userId, row?.userId].filter((id) => id !== undefined);

/**
 * Reads again what a batch was planned by: a dozen statements for all of it. Users are locked, so that nobody else binds,
 * changes or deletes them until the transaction ends.
 *
 * @param departmentIds NocoBase's IDs, by DingTalk's
 */
export async function loadFacts(
  { app, db, sourceId, authenticator, protectedRoles, defaultRole }: SourceContext,
  changes: MemberChange[],
  departmentIds: Map<number, string>,
  transaction: Transaction,
): Promise<Loaded> {
  const userIds = [...new Set(changes.flatMap(userIdsOf))];
  const unionIds = [...new Set(changes.map(({ next }) => next.unionId))];
  const rowIds = changes.flatMap(({ row }) => row?.id ?? []);
  const added = [
    ...new Set(changes.flatMap(({ memberships }) => memberships?.add ?? []).map((one) => one.departmentId)),
  ];
  const addedIds = added.flatMap((id) => departmentIds.get(id) ?? []);
  const users: Model[] = userIds.length
    ? await db.getModel('users').findAll({ where: { id: userIds }, order: ['id'], lock: true, transaction })
    : [];
  const rows = rowIds.length ? await readMembers(db, sourceId, { ids: rowIds, transaction }) : [];
  const bindings = await readBindings(db, authenticator.name, { unionIds, userIds }, transaction);
  const numbers = fingerprintsOf(changes, authenticator.name, app);
  const excluded = await new Exclusions(db, authenticator.name, transaction).of({
    unionId: unionIds,
    userIds,
    phoneFingerprints: [...numbers.values()],
  });
  const privileges = new Privileges(db, protectedRoles, transaction);
  const privilegedIds = await privileges.amongDepartments(addedIds);
  const creates = changes.some(({ step }) => step?.type === 'create');
  const { isPrivileged: isDefaultRolePrivileged, ...roleOfNewUsers } = creates
    ? await privileges.ofNewUsers(defaultRole)
    : { isPrivileged: false };
  const endsAccess = changes.some(({ step }) => step?.type === 'suspend' || step?.type === 'keep');
  const ofReason = (test: (row: (typeof excluded)[number]) => boolean) => {
    const found = excluded.filter(test);
    return {
      unionIds: new Set(found.flatMap(({ unionId }) => unionId ?? [])),
      userIds: new Set(found.flatMap(({ userId }) => userId ?? [])),
    };
  };
  const blocked = ofReason((row) => isIn('blocked', [row]));
  const isBlocked = (fingerprint: string) =>
    excluded.some((row) => row.phoneFingerprint === fingerprint && isIn('blocked', [row]));
  const ofBlockedNumbers = [...numbers].filter(([, number]) => isBlocked(number)).map(([account]) => account);
  return {
    users: new Map(users.map((user) => [idOf(user), user as Loaded['users'] extends Map<string, infer U> ? U : never])),
    rows: new Map(rows.map((row) => [row.id, row])),
    ...bindings,
    privileged: await privileges.among(userIds),
    roots: endsAccess ? await rootsAmong(db, userIds, transaction) : new Set(),
    undeletable: await undeletableAmong(db, sourceId, changes.flatMap(deletedBy), transaction),
    blocked: { userIds: blocked.userIds, unionIds: new Set([...blocked.unionIds, ...ofBlockedNumbers]) },
    unlinked: ofReason((row) => isIn('notMatchedAgain', [row])),
    departed: ofReason(({ reason }) => reason === 'left' || reason === 'detached'),
    mayMatchByPhone:
      changes.some(({ step }) => step?.type === 'bind') && (await mayStillMatch(app, authenticator.name)),
    isDefaultRolePrivileged,
    roleOfNewUsers,
    privilegedDepartments: new Set(added.filter((id) => privilegedIds.has(departmentIds.get(id) ?? ''))),
    memberships: await readMemberships(db, changes, transaction),
    departments: await departmentsAmong(db, addedIds, transaction),
  };
}

/** An administrator may have turned it off while the directory was read. */
async function mayStillMatch(app: Application, name: string): Promise<boolean> {
  const model = await app.db.getModel<AuthModel>('authenticators').findOne({ where: { name } });
  return model !== null && mayMatchByPhone(app.db, new Authenticator(backgroundContext(app), model));
}

/** Of accounts that are to get a user: a block of a phone number outlives the user who had it. By unionId. */
function fingerprintsOf(changes: MemberChange[], authenticator: string, app: Application): Map<string, string> {
  const numbers = new Map<string, string>();
  for (const { step, member, next } of changes) {
    const phone = phoneOf({ mobile: member?.mobile, stateCode: member?.stateCode });
    if (phone && (step?.type === 'create' || step?.type === 'bind')) {
      numbers.set(next.unionId, phoneFingerprint(backgroundContext(app), authenticator, phone));
    }
  }
  return numbers;
}

async function readBindings(
  db: Database,
  authenticator: string,
  { unionIds, userIds }: { unionIds: string[]; userIds: string[] },
  transaction: Transaction,
): Promise<Pick<Facts, 'boundTo' | 'keyOf'>> {
  const rows: Model[] = await db.getModel('usersAuthenticators').findAll({
    where: { authenticator, [Op.or]: [{ uuid: unionIds }, { userId: userIds }] },
    transaction,
  });
  const boundTo = new Map<string, string[]>();
  const keyOf = new Map<string, string>();
  for (const row of rows) {
    const [key, userId] = [String(row.get('uuid')), String(row.get('userId'))];
    // By the exact key: the collations of MySQL find `a` for `A`.
    boundTo.set(key, [...(boundTo.get(key) ?? []), userId]);
    keyOf.set(userId, key);
  }
  return { boundTo, keyOf };
}

async function rootsAmong(db: Database, userIds: string[], transaction: Transaction): Promise<Set<string>> {
  const where = { roleName: 'root', userId: userIds };
  const rows: Model[] = await db.getModel('rolesUsers').findAll({ where, transaction });
  return new Set(rows.map((row) => String(row.get('userId'))));
}

/** None where the plugin that has departments is off. */
async function readMemberships(
  db: Database,
  changes: MemberChange[],
  transaction: Transaction,
): Promise<Loaded['memberships']> {
  const userIds = changes.filter(({ memberships }) => memberships).flatMap(userIdsOf);
  const rows: Model[] =
    userIds.length && db.hasCollection('departmentsUsers')
      ? await db.getModel('departmentsUsers').findAll({ where: { userId: userIds }, transaction })
      : [];
  const memberships: Loaded['memberships'] = new Map();
  for (const row of rows) {
    const userId = String(row.get('userId'));
    const ofUser = memberships.get(userId) ?? new Map<string, boolean>();
    memberships.set(userId, ofUser.set(String(row.get('departmentId')), Boolean(row.get('isOwner'))));
  }
  return memberships;
}

async function departmentsAmong(db: Database, ids: string[], transaction: Transaction): Promise<Set<string>> {
  const found: Model[] =
    ids.length && db.hasCollection('departments')
      ? await db.getModel('departments').findAll({ attributes: ['id'], where: { id: ids }, transaction })
      : [];
  return new Set(found.map(idOf));
}
