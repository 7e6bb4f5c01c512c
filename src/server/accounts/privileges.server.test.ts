import type { Model } from '@nocobase/database';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Privileges } from './privileges';

// Which rights count is in privileges.test.ts. Here they are read as NocoBase stores them, and compared with what
// NocoBase itself allows: a role that it lets change users must be privileged.

let nocobase: NocoBase;

beforeAll(async () => {
  nocobase = await startNocoBase('sqlite', { plugins: ['departments'] });
}, 60_000);

afterAll(() => nocobase?.stop());

type Rule = [collection: string, action: string, scope?: 'own' | 'all' | 'custom' | 'emptied'];

interface Role {
  strategy?: object;
  snippets?: string[];
  allowConfigure?: boolean;
  rules?: Rule[];
  /** Whether the rules of collections are followed; NocoBase's form says true or false, an import nothing. */
  usingActionsConfig?: boolean | null;
}

let count = 0;

async function addRole({ rules = [], usingActionsConfig = true, ...values }: Role): Promise<string> {
  const { db } = nocobase;
  const name = `role${++count}`;
  await db.getRepository('roles').create({ values: { name, title: name, ...values } });
  for (const collection of new Set(rules.map(([collection]) => collection))) {
    const actions = rules.filter(([of]) => of === collection);
    await db.getRepository('dataSourcesRolesResources').create({
      values: {
        dataSourceKey: 'main',
        roleName: name,
        name: collection,
        usingActionsConfig,
        actions: await Promise.all(
          actions.map(async ([, action, scope]) => ({ name: action, ...(scope && { scope: await scopeOf(scope) }) })),
        ),
      },
    });
  }
  return name;
}

async function scopeOf(key: NonNullable<Rule[2]>): Promise<unknown> {
  const scopes = nocobase.db.getRepository('dataSourcesRolesResourcesScopes');
  const found = await scopes.findOne({ filter: { key } });
  const scope = { custom: { nickname: 'x' }, emptied: {} }[key as 'custom'];
  const made = found ?? (await scopes.create({ values: { key: key === 'emptied' ? 'own' : key, name: key, scope } }));
  return made.get('id');
}

/** Whether NocoBase lets the role into any settings, or lets it change users, roles or departments of others. */
function hasPower(role: string): boolean {
  const { acl } = nocobase.app;
  const mayChange = ['users', 'roles', 'departments'].some((resource) =>
    ['create', 'update', 'destroy'].some((action) => {
      const can = acl.can({ role, resource, action }) as { params?: { filter?: { createdById?: string } } } | null;
      return can && (action === 'create' || !can.params?.filter?.createdById);
    }),
  );
  return mayChange || Boolean(acl.getRole(role)?.effectiveSnippets().allowed.length);
}

const privilegedRoles = () => new Privileges(nocobase.db).roles();

describe('the roles that NocoBase installs', () => {
  it('root and admin are privileged, member is not', async () => {
    const roles = await privilegedRoles();
    expect(['root', 'admin', 'member'].filter((role) => roles.has(role))).toEqual(['root', 'admin']);
    expect(await new Privileges(nocobase.db).isDefaultRolePrivileged()).toBe(false);
  });
});

describe('a role that NocoBase gives power', () => {
  it.each<[string, Role]>([
    ['settings', { snippets: ['pm.*', '!pm'] }],
    ['settings but one page', { snippets: ['pm.*', '!pm.auth.authenticators'] }],
    ['one page', { snippets: ['!pm', 'pm.users'] }],
    ['every page of two plugins, by stars', { snippets: ['pm.a*.*', '!pm'] }],
    ['all by a star', { snippets: ['*'] }],
    ['either by braces', { snippets: ['{pm,ui}.users', '!pm', '!pm.*x'] }],
    ['changes everything', { strategy: { actions: ['view', 'update'] } }],
    ['changes everything, said as one text', { strategy: { actions: 'update' } }],
    ['everything', { strategy: { actions: '*' } }],
    ['creates own records', { strategy: { actions: ['create:own'] } }],
    ['changes all', { strategy: { actions: ['update:all:own'] } }],
    ['changes everything but users', { strategy: { actions: ['update'] }, rules: [['users', 'view']] }],
    ['changes users', { rules: [['users', 'update', 'all']] }],
    ['changes users, without a scope', { rules: [['users', 'update']] }],
    ['changes some users', { rules: [['users', 'update', 'custom']] }],
    ['changes users, by rules that an import made', { rules: [['users', 'update']], usingActionsConfig: null }],
    ['deletes roles', { rules: [['roles', 'destroy']] }],
    ['creates departments of its own', { rules: [['departments', 'create', 'own']] }],
  ])('%s: is privileged', async (_, values) => {
    const role = await addRole(values);
    expect([hasPower(role), (await privilegedRoles()).has(role)]).toEqual([true, true]);
  });
});

describe('a role that NocoBase gives none', () => {
  it.each<[string, Role]>([
    ['default', {}],
    ['settings that are taken away', { snippets: ['pm.users', '!pm', '!pm.*'] }],
    ['sees everything', { strategy: { actions: ['view', 'export'] } }],
    ['changes own records', { strategy: { actions: ['view', 'update:own', 'destroy:own'] } }],
    ['changes own users', { rules: [['users', 'update', 'own']] }],
    ['changes users, which is switched off', { rules: [['users', 'update']], usingActionsConfig: false }],
    [
      'changes everything else',
      {
        strategy: { actions: ['update'] },
        rules: [
          ['users', 'view'],
          ['roles', 'view'],
          ['departments', 'view'],
        ],
      },
    ],
  ])('%s: is not privileged', async (_, values) => {
    const role = await addRole(values);
    expect([hasPower(role), (await privilegedRoles()).has(role)]).toEqual([false, false]);
  });

  it('may configure: is privileged all the same', async () => {
    const role = await addRole({ allowConfigure: true });
    expect((await privilegedRoles()).has(role)).toBe(true);
  });

  it('a scope of own records that an administrator has opened limits nothing', async () => {
    const scopes = nocobase.db.getRepository('dataSourcesRolesResourcesScopes');
    const role = await addRole({ rules: [['users', 'update', 'own']] });
    const { id, scope } = (await scopes.findOne({ filter: { key: 'own' } })).get();
    const isPrivileged = async () => (await privilegedRoles()).has(role);
    expect(await isPrivileged()).toBe(false);
    for (const opened of [{}, { createdById: 7 }, { ...scope, id: 7 }, null]) {
      await scopes.update({ filterByTk: id, values: { scope: opened } });
      expect(await isPrivileged()).toBe(true);
    }
    await scopes.update({ filterByTk: id, values: { scope } });
  });
});

describe('privileged users', () => {
  const addUser = async (values: object = {}) => String((await nocobase.addUser({ ...values })).get('id'));
  const among = async (ids: string[], protectedRoles: string[] = []) => [
    ...(await new Privileges(nocobase.db, protectedRoles).among(ids)),
  ];
  const addDepartment = (values: object): Promise<Model> =>
    nocobase.db.getRepository('departments').create({ values: { title: 'Department', ...values } });

  it('T30: those of a privileged role, of whatever order', async () => {
    const [plain, admin, both] = [
      await addUser(),
      await addUser({ roles: ['admin'] }),
      await addUser({ roles: ['member', 'admin'] }),
    ];
    expect((await among(['1', plain, admin, both])).sort()).toEqual(['1', admin, both].sort());
  });

  it('T30: those whose department has a privileged role, but not of one above it', async () => {
    const [above, of, below] = [await addUser(), await addUser(), await addUser()];
    const top = await addDepartment({ members: [above] });
    const middle = await addDepartment({ members: [of], roles: ['admin'], parent: top.get('id') });
    await addDepartment({ members: [below], roles: ['member'], parent: middle.get('id') });
    expect(await among([above, of, below])).toEqual([of]);
  });

  it('T30: those of a protected role, which need not exist any more', async () => {
    const role = await addRole({});
    const [protectedUser, other] = [await addUser({ roles: [role] }), await addUser()];
    expect(await among([protectedUser, other], [role, 'was deleted'])).toEqual([protectedUser]);
    expect(await among([protectedUser, other])).toEqual([]);
  });

  it('T30: as the transaction sees them, which has not ended', async () => {
    const user = await addUser();
    const { db } = nocobase;
    const transaction = await db.sequelize.transaction();
    await db.getModel('rolesUsers').create({ userId: user, roleName: 'admin' }, { transaction });
    const found = await new Privileges(db, [], transaction).among([user]);
    await transaction.rollback();
    expect([[...found], await among([user])]).toEqual([[user], []]);
  });

  it('nobody is asked about: costs no statement', async () => {
    const query = jest.spyOn(nocobase.db.sequelize, 'query');
    await among([]);
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  it('T35: everybody new, where the default role is privileged, or protected', async () => {
    const roles = nocobase.db.getRepository('roles');
    const isPrivileged = (protectedRoles?: string[]) =>
      new Privileges(nocobase.db, protectedRoles).isDefaultRolePrivileged();
    expect(await isPrivileged(['member'])).toBe(true);
    await roles.update({ filterByTk: 'admin', values: { default: true } });
    expect(await isPrivileged()).toBe(true);
    await roles.update({ filterByTk: 'member', values: { default: true } });
    expect(await isPrivileged()).toBe(false);
  });
});
