import { type Database, type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { TakenAway } from '../../../shared/directory';
import { EXCLUSIONS } from '../../accounts/collections';
import { type ExclusionRow, isIn } from '../../accounts/exclusions';
import { namesOfRoot } from '../../accounts/new-user';
import { Privileges } from '../../accounts/privileges';
import { waysInOf } from '../../accounts/ways-in';
import { AUTH_TYPE } from '../../../shared/constants';
import type { Authenticator } from '../../configuration/authenticators';
import { canPrepareMatch } from '../../configuration/nocobase';
import { RUNS } from './collections';
import { readDepartmentRows } from './department-rows';
import { readMembers } from './members';
import { DAY_MS } from './runs';
import { jsonOf, optionalId, readInPages } from './rows';
import { undeletableAmong } from './undeletable';
import { Interned } from '../interned';
import type { MemberRow, NocobaseDepartment, PlanSettings, State, UserFacts } from '../types';

/** What a run of a source works with. */
export interface SourceContext {
  app: Application;
  db: Database;
  sourceId: string;
  /** Whose app reads the directory, and whose bindings are written. */
  authenticator: Authenticator;
  settings: PlanSettings;
  /** Names of roles that count as privileged whatever they allow. */
  protectedRoles: string[];
  /** Name of the role that new users are to get, see `Privileges.ofNewUsers`. */
  defaultRole?: string;
}

/**
 * What NocoBase and the source know of all users, for a comparison in memory: two dozen statements, and one more for each
 * 1,000 rows, or the memberships of 2,000 users. It is not read in one transaction, which would hold up the only writer of SQLite: whoever writes reads
 * again what a change depends on.
 *
 * @throws CodedError NOT_CONFIGURED
 */
export async function loadState(context: SourceContext): Promise<State> {
  const { app, db, sourceId, authenticator, settings, protectedRoles, defaultRole } = context;
  const interned = new Interned();
  const privileges = new Privileges(db, protectedRoles);
  const privileged = await privileges.everybody();
  const members = await readMembers(db, sourceId, { interned });
  const newUsers = await privileges.ofNewUsers(defaultRole);
  const users = await readUsers(db, settings, privileged, interned);
  return {
    members,
    departmentRows: await readDepartmentRows(db, sourceId),
    users,
    ...(await readBindings(db, authenticator.name, interned)),
    ...(await readExclusions(db, authenticator.name)),
    departments: await readDepartments(db, await privileges.roles(), [...users.keys()], interned),
    isDefaultRolePrivileged: newUsers.isPrivileged,
    isDefaultRoleUnused: newUsers.refused !== undefined,
    mayMatchByPhone: await mayMatchByPhone(db, authenticator),
    rootNames: await namesOfRoot(db),
    privilegedWithOtherWayIn: new Set(
      (await waysInOf({ app, db }, [...privileged], { besides: { authType: AUTH_TYPE } })).keys(),
    ),
    undeletable: await undeletableAmong(db, sourceId, dueForDeletion(members, settings.now)),
    takenAway: await readTakenAway(db, sourceId, settings.now - DAY_MS),
  };
}

/**
 * Whether a number may decide who somebody is: the authenticator says so, and nobody can prepare a user with it.
 *
 * @throws CodedError NOT_CONFIGURED
 */
export const mayMatchByPhone = async (db: Database, { settings }: Authenticator): Promise<boolean> =>
  settings.matchByPhone === 'automatic' && !(await canPrepareMatch(db));

async function readUsers(
  db: Database,
  { fields }: PlanSettings,
  privileged: Set<string>,
  interned: Interned,
): Promise<State['users']> {
  const model = db.getModel('users');
  const ofFields = Object.values(fields).flatMap((rule) => rule?.column ?? []);
  const columns = [...new Set(['nickname', 'phone', 'email', ...ofFields])].filter(
    (name) => name in model.rawAttributes,
  );
  const main = 'mainDepartmentId' in model.rawAttributes ? ['mainDepartmentId'] : [];
  const roots = new Set((await findAll(db, 'rolesUsers', { roleName: 'root' })).map((row) => String(row.userId)));
  const users: State['users'] = new Map();
  await readInPages(model, { attributes: ['id', ...columns, ...main] }, (row) => {
    const id = interned.text(row.id);
    const facts: UserFacts = {
      id,
      columns: Object.fromEntries(columns.map((name) => [name, textOf(row[name])])),
      mainDepartmentId: interned.optionalText(row.mainDepartmentId),
      isPrivileged: privileged.has(id),
      isRoot: roots.has(id),
    };
    users.set(id, facts);
  });
  return users;
}

const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));

/** By the exact key: the collations of MySQL would find `a` for `A`. */
async function readBindings(
  db: Database,
  authenticator: string,
  interned: Interned,
): Promise<Pick<State, 'bound' | 'boundUserIds'>> {
  const bound: State['bound'] = new Map();
  const boundUserIds: State['boundUserIds'] = new Set();
  const reading = { attributes: ['uuid', 'userId', 'meta'], where: { authenticator }, key: 'userId' };
  await readInPages(db.getModel('usersAuthenticators'), reading, ({ uuid, userId, meta }) => {
    const id = interned.text(userId);
    const isOurs = Boolean(jsonOf<{ unionId?: unknown }>(meta)?.unionId);
    const key = String(uuid);
    const known = bound.get(key);
    // A list that is spread has room for 16 more.
    bound.set(
      key,
      known ? { userIds: known.userIds.concat(id), isOurs: isOurs || known.isOurs } : { userIds: [id], isOurs },
    );
    boundUserIds.add(id);
  });
  return { bound, boundUserIds };
}

async function readExclusions(db: Database, authenticator: string): Promise<Pick<State, 'blocked' | 'unlinked'>> {
  const rows: Pick<ExclusionRow, 'reason' | 'unionId' | 'userId'>[] = [];
  await readInPages(
    db.getModel(EXCLUSIONS),
    { attributes: ['id', 'reason', 'unionId', 'userId'], where: { authenticator } },
    ({ reason, unionId, userId }) =>
      rows.push({
        reason: reason as ExclusionRow['reason'],
        unionId: (unionId as string | null) ?? undefined,
        userId: optionalId(userId),
      }),
  );
  const ofList = (list: 'blocked' | 'notMatchedAgain') => {
    const found = rows.filter((row) => isIn(list, [row]));
    return {
      unionIds: new Set(found.flatMap(({ unionId }) => unionId ?? [])),
      userIds: new Set(found.flatMap(({ userId }) => userId ?? [])),
    };
  };
  return { blocked: ofList('blocked'), unlinked: ofList('notMatchedAgain') };
}

/** Whether the plugin that has departments is on. */
export const hasDepartments = (db: Database): boolean =>
  db.hasCollection('departments') && db.hasCollection('departmentsUsers');

/** Undefined where it is off. */
async function readDepartments(
  db: Database,
  privilegedRoles: Set<string>,
  userIds: string[],
  interned: Interned,
): Promise<State['departments']> {
  if (!hasDepartments(db)) {
    return undefined;
  }
  const roles = new Map<string, string[]>();
  for (const { departmentId, roleName } of await findAll(db, 'departmentsRoles')) {
    const id = String(departmentId);
    roles.set(id, [...(roles.get(id) ?? []), String(roleName)]);
  }
  const all = new Map<string, NocobaseDepartment>();
  await readInPages(db.getModel('departments'), { attributes: ['id', 'title', 'parentId'] }, (row) => {
    const id = interned.text(row.id);
    const held = roles.get(id) ?? [];
    all.set(id, {
      id,
      title: String(row.title ?? ''),
      parentId: optionalId(row.parentId),
      isPrivileged: held.some((role) => privilegedRoles.has(role)),
      hasRoles: held.length > 0,
    });
  });
  return { all, memberships: await readMemberships(db, userIds, interned) };
}

/** So many users' memberships are read at once: the table has no column by which `readInPages` could read it. */
const PORTION = 2000;

/** Those of all users, be they among these or not. Of 20 in the same departments, the map is the same. */
async function readMemberships(
  db: Database,
  userIds: string[],
  interned: Interned,
): Promise<NonNullable<State['departments']>['memberships']> {
  const memberships = new Map<string, Map<string, boolean>>();
  const ends = userIds.filter((_, index) => index % PORTION === PORTION - 1);
  for (let index = 0; index <= ends.length; index++) {
    const above = index > 0 ? [{ [Op.gt]: ends[index - 1] }] : [];
    const upTo = index < ends.length ? [{ [Op.lte]: ends[index] }] : [];
    const found = new Map<string, Map<string, boolean>>();
    const where = { userId: { [Op.and]: [...above, ...upTo] } };
    for (const row of await findAll(db, 'departmentsUsers', where, ['userId', 'departmentId', 'isOwner'])) {
      const userId = interned.text(row.userId);
      const ofUser = found.get(userId) ?? new Map<string, boolean>();
      found.set(userId, ofUser.set(interned.text(row.departmentId), Boolean(row.isOwner)));
    }
    found.forEach((ofUser, userId) => memberships.set(userId, interned.map(ofUser)));
  }
  return memberships;
}

/** Those whom a run of now may delete: nobody else is asked about, as each relation costs a statement. */
const dueForDeletion = (members: MemberRow[], now: number): string[] =>
  members.flatMap(({ state, userId, deleteAt = Infinity }) => (state === 'left' && deleteAt <= now && userId) || []);

/** What runs and events took away since then. */
async function readTakenAway(db: Database, sourceId: string, since: number): Promise<TakenAway> {
  const rows: Model[] = await db
    .getModel(RUNS)
    .findAll({ attributes: ['takenAway'], where: { sourceId, began: { [Op.gte]: since } } });
  const sum: TakenAway = { members: 0, departments: 0, memberships: 0 };
  for (const taken of rows.map((row) => jsonOf<Partial<TakenAway>>(row.get('takenAway')))) {
    sum.members += taken?.members ?? 0;
    sum.departments += taken?.departments ?? 0;
    sum.memberships += taken?.memberships ?? 0;
  }
  return sum;
}

/** Plain rows of a table that is small, or has no column by which it could be read in pages. */
async function findAll(
  db: Database,
  collection: string,
  where: Record<string, unknown> = {},
  attributes?: string[],
): Promise<Record<string, unknown>[]> {
  return (await db.getModel(collection).findAll({ attributes, where, raw: true })) as unknown as Record<
    string,
    unknown
  >[];
}
