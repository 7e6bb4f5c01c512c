import { literal, Op } from '@nocobase/database';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { EXCLUSIONS } from './collections';
import { Exclusions } from './exclusions';
import { oneOf } from './subselect';

const INJECTION = "x') OR ('1'='1";
const HOSTILE = [INJECTION, "o'brien", "\\' OR 1=1 -- ", '\\', ':name', '$1', '?', '"', '`'];

describeOnEachDatabase('one of many values', (dialect) => {
  let nocobase: NocoBase;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect);
    const rows = [...HOSTILE, 'other'].map((unionId) => ({ authenticator: 'dingtalk', reason: 'blocked', unionId }));
    await nocobase.db.getModel(EXCLUSIONS).bulkCreate(rows.map((row) => ({ ...row, since: 1 })));
  }, 120_000);

  afterAll(() => nocobase?.stop());

  async function found(unionId: object): Promise<string[]> {
    const rows = await nocobase.db.getModel(EXCLUSIONS).findAll({ where: { unionId } });
    return rows.map((row) => String(row.get('unionId'))).sort();
  }

  it('is found by itself, whatever it is made of, and nothing else is', async () => {
    const { db } = nocobase;
    // As the attack would go on a value that is only put between quotes.
    expect(await found({ [Op.in]: literal(`('${INJECTION}')`) })).toHaveLength(HOSTILE.length + 1);
    for (const value of HOSTILE) {
      expect(await found(oneOf(db, [value]))).toEqual([value]);
    }
    expect(await found(oneOf(db, HOSTILE))).toEqual([...HOSTILE].sort());
    expect(await found(oneOf(db, []))).toEqual([]);
    const ofAccounts = await new Exclusions(db, 'dingtalk').of({ unionId: HOSTILE, userIds: ['1'] });
    expect(ofAccounts.map(({ unionId }) => unionId).sort()).toEqual([...HOSTILE].sort());
  });
});
