import { isPrivilegedRole, type RoleRights } from './privileges';

/** NocoBase's role "Member", as it is installed. */
const member: RoleRights = {
  name: 'member',
  snippets: ['!ui.*', '!pm', '!pm.*'],
  allowConfigure: false,
  general: ['view:own'],
  collections: [],
};

const rule = (name: string, ...actions: string[]) => ({
  name,
  actions: actions.map((action) => ({ name: action.split(':')[0], isOwnOnly: action.endsWith(':own') })),
});

const harmless = ['users', 'roles', 'departments'].map((name) => rule(name, 'view'));

describe('a role that makes its users privileged', () => {
  it.each<[string, Partial<RoleRights>]>([
    ['root', { name: 'root' }],
    ['admin, as NocoBase installs it', { snippets: ['ui.*', 'pm', 'pm.*'], allowConfigure: true, general: ['create'] }],
    ['may configure', { allowConfigure: true }],

    ['the settings', { snippets: ['pm.*'] }],
    ['the plugins', { snippets: ['pm', '!pm.*', '!ui.*'] }],
    ['one page of the settings', { snippets: ['!ui.*', '!pm', 'pm.map.configuration'] }],
    ['the pages', { snippets: ['ui.*', '!pm', '!pm.*'] }],
    ['one part of the pages', { snippets: ['ui.mobile', '!pm', '!pm.*'] }],
    ['the restart', { snippets: ['app', '!ui.*', '!pm', '!pm.*'] }],
    ['the settings but one page', { snippets: ['pm.*', '!pm', '!pm.users', '!ui.*'] }],
    ['one page, where only the plugins are taken away', { snippets: ['!pm', 'pm.users'] }],
    ['one page, where only another is taken away', { snippets: ['!pm.user', 'pm.users', '!pm.users.x'] }],
    ['everything, by a star', { snippets: ['*', '!pm', '!pm.*', '!ui.*'] }],
    ['either, by braces', { snippets: ['{pm,x}.users', '!pm', '!pm.*', '!ui.*'] }],
    ['a snippet of another plugin', { snippets: ['other.thing'] }],
    ['what no star takes away', { snippets: ['pm.a/b', '!pm.*'] }],

    ['changes everything', { general: ['view', 'update'] }],
    ['deletes everything', { general: ['destroy'] }],
    ['creates everything', { general: ['create'] }],
    ['creates, of the own records, which limits nothing', { general: ['create:own'] }],
    ['imports', { general: ['importXlsx:own'] }],
    ['all actions', { general: ['*'] }],
    ['changes all, under another name', { general: ['update:all'] }],
    ['changes all, where own comes too late', { general: ['update:all:own'] }],
    ['changes everything, and departments have no rules', { general: ['update'], collections: harmless.slice(0, 2) }],
    ['changes everything, and users have no rules', { general: ['update'], collections: harmless.slice(1) }],

    ['changes users', { collections: [rule('users', 'view', 'update')] }],
    ['creates users', { collections: [rule('users', 'create:own')] }],
    ['deletes users', { collections: [rule('users', 'destroy')] }],
    ['changes roles', { collections: [rule('roles', 'update')] }],
    ['gives roles', { collections: [rule('users.roles', 'add')] }],
    ['changes who has which role', { collections: [rule('rolesUsers', 'create')] }],
    ['changes departments', { collections: [rule('departments', 'update')] }],
    ['changes who is in which department', { collections: [rule('departmentsUsers', 'create')] }],
    ['changes which department has which role', { collections: [rule('departmentsRoles', 'destroy')] }],
  ])('%s', (_, rights) => {
    expect(isPrivilegedRole({ ...member, ...rights })).toBe(true);
  });
});

describe('a role that does not', () => {
  it.each<[string, Partial<RoleRights>]>([
    ['member, as NocoBase installs it', {}],
    ['no right at all', { snippets: [], general: [] }],
    ['another name that has root in it', { name: 'rooted' }],
    ['sees everything', { general: ['view', 'export'] }],
    ['changes the own records', { general: ['view', 'update:own', 'destroy:own'] }],
    ['settings that are taken away', { snippets: ['pm.*', 'pm.users', '!pm.*', '!pm', '!ui.*'] }],
    ['pages that are taken away', { snippets: ['ui.*', 'ui.mobile', '!ui.*'] }],
    ['the restart, taken away', { snippets: ['app', '!app'] }],
    ['one page that is taken away', { snippets: ['pm.users', '!pm.users'] }],
    ['changes everything but users, roles and departments', { general: ['create', 'update'], collections: harmless }],
    ['changes the own record of users', { collections: [rule('users', 'view', 'update:own', 'destroy:own')] }],
    [
      'changes orders, and collections that sound like users',
      { collections: [rule('orders', 'update'), rule('usersAbc', 'update')] },
    ],
  ])('%s', (_, rights) => {
    expect(isPrivilegedRole({ ...member, ...rights })).toBe(false);
  });

  it('changes everything but users and roles, where there are no departments', () => {
    const rights = { ...member, general: ['update'], collections: harmless.slice(0, 2) };
    expect([isPrivilegedRole(rights, ['users', 'roles']), isPrivilegedRole(rights)]).toEqual([false, true]);
  });
});
