import type { Model } from '@nocobase/database';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { Sources } from '../../../testing/nocobase/sources';
import { Privileges } from '../accounts/privileges';

describe('the default role of an authenticator is saved', () => {
  let nocobase: NocoBase;
  let root: Sources;
  /** Whoever may manage authenticators, and nothing else. */
  let manager: Sources;
  let count = 0;

  const roles = () => nocobase.db.getRepository('roles');

  beforeAll(async () => {
    nocobase = await startNocoBase();
    await roles().create({ values: { name: 'clerk', title: 'Clerk' } });
    await roles().create({ values: { name: 'manager', title: 'Manager', snippets: ['pm.auth.authenticators'] } });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = new Sources(nocobase, await Session.of(nocobase, user));
    const other = await nocobase.addUser({ nickname: 'Manages', roles: ['manager'] });
    manager = new Sources(nocobase, await Session.of(nocobase, other));
  }, 60_000);

  afterAll(() => nocobase?.stop());

  const optionsWith = (defaultRole: unknown, more: object = {}) => ({
    dingtalk: { clientId: 'dingapp', clientSecret: 'secret', defaultRole, ...more },
  });
  const create = (who: Sources, options: object, authType = 'dingtalk') =>
    who.send('authenticators:create', { name: `made-${++count}`, authType, enabled: true, options });
  const update = (who: Sources, id: unknown, values: object) =>
    who.send(`authenticators:update?filterByTk=${id}`, { id, ...values });
  const savedRole = async (id: unknown) => {
    const row: Model | null = await nocobase.db.getModel('authenticators').findByPk(String(id));
    return row?.get('options')?.dingtalk?.defaultRole;
  };

  it.each([undefined, null, '', 'clerk', 'member'])('%p, by whoever may manage roles', async (role) => {
    expect(await create(root, optionsWith(role))).toMatchObject({ status: 200 });
  });

  it.each(['admin', 'root', 'manager', 'nobody', 'CLERK', '{{ $env.ROLE }}', ['admin'], ['clerk'], 7])(
    'T111: not %p, which gives power or is no role',
    async (role) => {
      expect(await create(root, optionsWith(role))).toMatchObject({ status: 400, code: 'DEFAULT_ROLE_REFUSED' });
      const row = await nocobase.addAuthenticator(`saved-${++count}`);
      expect(await update(root, row.get('id'), { options: optionsWith(role) })).toMatchObject({
        code: 'DEFAULT_ROLE_REFUSED',
      });
      expect(await savedRole(row.get('id'))).toBeUndefined();
    },
  );

  it('T111: not one that is protected by the same form', async () => {
    const options = optionsWith('clerk', { protectedRoles: ['clerk'] });
    expect(await create(root, options)).toMatchObject({ code: 'DEFAULT_ROLE_REFUSED' });
  });

  it('T111: not by whoever may manage authenticators alone, who could give any role to an account of their own', async () => {
    // It is no privileged role, and so no other rule is in the way.
    expect((await new Privileges(nocobase.db).ofNewUsers('clerk')).role).toBe('clerk');
    expect(await create(manager, optionsWith('clerk'))).toMatchObject({ status: 403, code: 'ACTION_FORBIDDEN' });
    const row = await nocobase.addAuthenticator(`saved-${++count}`);
    const id = row.get('id');
    expect(await update(manager, id, { options: optionsWith('clerk') })).toMatchObject({ code: 'ACTION_FORBIDDEN' });
    // Nor by way of another type, whose options nobody looks at.
    const basic = await create(manager, optionsWith('clerk'), 'Email/Password');
    expect(basic.status).toBe(200);
    expect(await update(manager, (basic.data as { id: number }).id, { authType: 'dingtalk' })).toMatchObject({
      code: 'ACTION_FORBIDDEN',
    });
    // The control: everything else.
    expect(await update(manager, id, { options: optionsWith(undefined) })).toMatchObject({ status: 200 });
  });

  it('T111: not in a list of several, either', async () => {
    const list = ['clerk', 'admin'].map((role) => ({
      name: `made-${++count}`,
      authType: 'dingtalk',
      options: optionsWith(role),
    }));
    expect(await root.send('authenticators:create', list)).toMatchObject({ status: 400, code: 'DEFAULT_ROLE_REFUSED' });
    expect(await nocobase.db.getModel('authenticators').count({ where: { name: list.map(({ name }) => name) } })).toBe(
      0,
    );
  });

  it('T111: not in an authenticator that is found by its name, and whose type the request leaves out', async () => {
    const row = await nocobase.addAuthenticator(`saved-${++count}`);
    const values = { name: row.get('name'), options: optionsWith('admin') };
    expect(await root.send('authenticators:updateOrCreate?filterKeys[]=name', values)).toMatchObject({
      code: 'DEFAULT_ROLE_REFUSED',
    });
    expect(await savedRole(row.get('id'))).toBeUndefined();
  });

  it('T111: not in a list in a list, which NocoBase unpacks', async () => {
    const one = { name: `made-${++count}`, authType: 'dingtalk', options: optionsWith('admin') };
    expect(await root.send('authenticators:create', [[one]])).toMatchObject({ code: 'DEFAULT_ROLE_REFUSED' });
  });

  describe('T111: not in a row that is found in another way:', () => {
    let other: { id: number; name: string };

    beforeEach(async () => {
      const { data } = await create(manager, optionsWith('clerk'), 'Email/Password');
      other = data as typeof other;
    });

    it('by its name, where the request names another row by its key', async () => {
      const row = await nocobase.addAuthenticator(`saved-${++count}`);
      const values = { name: row.get('name'), options: optionsWith('clerk') };
      const query = `filterKeys[]=name&filterByTk=${other.id}`;
      expect(await manager.send(`authenticators:updateOrCreate?${query}`, values)).toMatchObject({
        code: 'ACTION_FORBIDDEN',
      });
    });

    it.each([
      ['by a filter', () => `filter=${encodeURIComponent(JSON.stringify({ name: other.name }))}`],
      ['by several keys', () => `filterByTk[]=${other.id}`],
    ])('%s, where the options are there and the type comes now', async (_, query) => {
      expect(await manager.send(`authenticators:update?${query()}`, { authType: 'dingtalk' })).toMatchObject({
        code: 'ACTION_FORBIDDEN',
      });
    });

    it('by its key in a list, whatever key the request names', async () => {
      const row = await nocobase.addAuthenticator(`saved-${++count}`);
      const list = [{ id: other.id, authType: 'dingtalk' }];
      expect(await manager.send(`authenticators:update?filterByTk=${row.get('id')}`, list)).toMatchObject({
        code: 'ACTION_FORBIDDEN',
      });
    });

    afterEach(async () => {
      const row = await nocobase.db.getModel('authenticators').findByPk(other.id);
      expect(row?.get('authType')).toBe('Email/Password');
    });
  });

  it('stays as it is where something else is saved, whoever saves it, and whatever became of the role', async () => {
    const row = await nocobase.addAuthenticator(`saved-${++count}`, { defaultRole: 'admin' });
    const id = row.get('id');
    const kept = optionsWith('admin', { matchByPhone: 'never' });
    expect(await update(manager, id, { options: kept })).toMatchObject({ status: 200 });
    expect(await update(manager, id, { enabled: false })).toMatchObject({ status: 200 });
    expect(await savedRole(id)).toBe('admin');
    // And anybody takes it away.
    expect(await update(manager, id, { options: optionsWith(null) })).toMatchObject({ status: 200 });
  });

  it('is none of its business at other types', async () => {
    expect(await create(manager, optionsWith('admin'), 'Email/Password')).toMatchObject({ status: 200 });
  });
});
