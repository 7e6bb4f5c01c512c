import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import german from '../../locale/de-DE.json';
import { PACKAGE_NAME } from '../../shared/constants';

// The collations of MySQL compare names in a way of their own.
describeOnSqliteAnd('mysql')('the Auth UID that a form or a program saves', (dialect) => {
  let nocobase: NocoBase;
  let root: Session;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect);
    nocobase.app.i18n.addResources('de-DE', PACKAGE_NAME, german);
    root = await Session.of(nocobase, { get: () => 1 });
  }, 60_000);

  afterAll(() => nocobase?.stop());

  async function save(action: string, values: unknown, id?: unknown) {
    const query = id === undefined ? '' : `?filterByTk=${id}`;
    const response = await root.browser.fetch(`/api/authenticators:${action}${query}`, {
      json: values,
      headers: { authorization: `Bearer ${root.token}`, 'x-locale': 'de-DE' },
    });
    const { errors } = await response.json();
    return { status: response.status, code: errors?.[0].code, message: errors?.[0].message };
  }

  const rowOf = async (name: string) => {
    const rows = await nocobase.db.getModel('authenticators').findAll({ where: { name } });
    return rows.find((row) => row.get('name') === name);
  };
  const ours = (name: string, more: object = {}) => ({ name, authType: 'dingtalk', enabled: false, ...more });
  const REFUSED = { status: 400, code: 'AUTH_UID_INVALID' };

  it('control: is saved by NocoBase itself, of whatever characters', async () => {
    await nocobase.addAuthenticator('鉴权', { authType: 'Email/Password' });
    expect(await rowOf('鉴权')).toBeTruthy();
  });

  it('is refused where no browser can send it, in words, and nothing is saved', async () => {
    const refused = await save('create', ours('钉钉'));
    expect(refused).toMatchObject(REFUSED);
    expect(refused.message).toMatch(/^Browser können diese Auth-UID nicht senden.*\(AUTH_UID_INVALID\)$/);
    expect(await rowOf('钉钉')).toBeUndefined();
  });

  it.each(['ding ', ' ding', 'ding\ntalk', 'd’accord'])('is refused: %j', async (name) => {
    expect(await save('create', ours(name))).toMatchObject(REFUSED);
    expect(await rowOf(name)).toBeUndefined();
  });

  it('is refused in a list of several', async () => {
    expect(await save('create', [ours('first-of-list'), ours('zweite ✓')])).toMatchObject(REFUSED);
    expect(await rowOf('first-of-list')).toBeUndefined();
  });

  it.each(['updateOrCreate', 'firstOrCreate'])('is refused by %s', async (action) => {
    expect(await save(`${action}?filterKeys[]=name`, ours('作者'))).toMatchObject(REFUSED);
  });

  it('is refused to an authenticator that is renamed, or that becomes one of ours', async () => {
    const renamed = await nocobase.addAuthenticator(`renamed-${dialect}`);
    expect(await save('update', { name: '改名' }, renamed.get('id'))).toMatchObject(REFUSED);
    const other = await nocobase.addAuthenticator('别的', { authType: 'Email/Password' });
    expect(await save('update', { authType: 'dingtalk' }, other.get('id'))).toMatchObject(REFUSED);
    expect((await rowOf('别的'))?.get('authType')).toBe('Email/Password');
  });

  it('is no obstacle to one that has it already: it can be changed, and disabled', async () => {
    const early = await nocobase.addAuthenticator('早就有');
    const values = { id: early.get('id'), name: '早就有', authType: 'dingtalk', title: 'Early', enabled: false };
    expect(await save('update', values, early.get('id'))).toMatchObject({ status: 200 });
    expect((await rowOf('早就有'))?.get('title')).toBe('Early');
  });

  it('is not that of another one, which a database takes for the same', async () => {
    await nocobase.addAuthenticator('same');
    expect(await save('create', ours('same '))).toMatchObject(REFUSED);
  });

  it('is saved where it can be sent, and that of another type always is', async () => {
    expect(await save('create', ours(`s_1 of-${dialect}`))).toMatchObject({ status: 200 });
    expect(await save('create', { ...ours('别人的'), authType: 'Email/Password' })).toMatchObject({ status: 200 });
  });
});
