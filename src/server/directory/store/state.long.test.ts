// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import { freshRow } from '../../../../testing/directory/company';
import { measured, MiB } from '../../../../testing/memory';
import { describeOnEachDatabase } from '../../../../testing/nocobase/databases';
import { requireAuthenticator } from '../../configuration/authenticators';
import { backgroundContext } from '../../http/background';
import { comparable } from './fingerprint';
import { addMembers } from './members';
import { loadState } from './state';

const USERS = 100_000;
const DEPARTMENTS = 5_000;
const BATCH = 1000;

/** What a company of 100,000 takes of the process's memory: a run has 500 MiB for all of it. */
describeOnEachDatabase('a hundred thousand users', (dialect) => {
  let nocobase: NocoBase;

  const inBatches = async (count: number, add: (indexes: number[]) => Promise<unknown>) => {
    for (let begin = 0; begin < count; begin += BATCH) {
      await add(Array.from({ length: Math.min(BATCH, count - begin) }, (_, index) => begin + index));
    }
  };

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect, { plugins: ['departments'] });
    const { db } = nocobase;
    await nocobase.addAuthenticator('dingtalk', { corpId: 'dingcorp' });
    const insert = (name: string, rows: object[]) => db.getModel(name).bulkCreate(rows as [], { hooks: false });
    const idOf = (index: number) => 1000 + index;
    const unionIdOf = (index: number) => `unionId of ${String(index).padStart(12, '0')}`;
    await inBatches(DEPARTMENTS, (all) =>
      insert(
        'departments',
        all.map((index) => ({ id: index + 1, title: `Department ${index}`, parentId: index ? 1 : null })),
      ),
    );
    await inBatches(USERS, async (all) => {
      await insert(
        'users',
        all.map((index) => ({ id: idOf(index), nickname: `User ${index}`, phone: `138${10_000_000 + index}` })),
      );
      await insert(
        'usersAuthenticators',
        all.map((index) => ({
          authenticator: 'dingtalk',
          userId: idOf(index),
          uuid: unionIdOf(index),
          nickname: `User ${index}`,
          avatar: '',
          meta: { unionId: unionIdOf(index), corpId: 'dingcorp' },
        })),
      );
      await insert(
        'departmentsUsers',
        all.map((index) => ({ userId: idOf(index), departmentId: 1 + (index % DEPARTMENTS), isOwner: false })),
      );
      await addMembers(
        db,
        '7',
        all.map((index) => ({
          userid: `userid-${index}`,
          unionId: unionIdOf(index),
          name: `User ${index}`,
          userId: String(idOf(index)),
          ...freshRow(),
          isCreated: true,
          written: { nickname: `User ${index}`, phone: `138${10_000_000 + index}` },
          memberships: { [1 + (index % DEPARTMENTS)]: false },
        })),
      );
    });
  }, 900_000);

  afterAll(() => nocobase?.stop());

  it('are read into 300 MiB', async () => {
    const { app, db } = nocobase;
    const context = {
      app,
      db,
      sourceId: '7',
      authenticator: await requireAuthenticator(backgroundContext(app), 'dingtalk'),
      settings: {
        newUsers: 'create' as const,
        leavers: 'detach' as const,
        fields: {},
        writesPhoneOfOthers: false,
        emailDomains: [],
        brake: { free: 5, percent: 10, most: 100 },
        fingerprint: comparable,
        now: Date.now(),
      },
      protectedRoles: [],
    };
    const { result, grownBy } = await measured(() => loadState(context));
    expect([result.members.length, result.bound.size, result.departments?.memberships.size]).toEqual([
      USERS,
      USERS,
      USERS,
    ]);
    expect(grownBy).toBeLessThan(300 * MiB);
  }, 120_000);
});
