// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { withWriteTransaction } from '../accounts/lock';
import { EVENTS } from './collections';
import { Inbox } from './inbox';
import { addWaiting, addWholeRun, countWaiting, dueSources, type EventId, readDue, removeWaiting } from './waiting';

const member = (id: string): EventId => ({ kind: 'member', id });
const members = (count: number, prefix = 'member') =>
  Array.from({ length: count }, (_, index) => member(`${prefix}${index}`));

describeOnEachDatabase('the inbox of events', (dialect) => {
  let nocobase: NocoBase;
  let inbox: Inbox;
  let woken: string[];
  let sourceId: string;
  let count = 0;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect);
    // What the application reads with ends: it would forget what waits of sources that there are not.
    await nocobase.app.emitAsync('beforeStop');
  }, 60_000);

  afterAll(() => nocobase?.stop());

  beforeEach(() => {
    sourceId = String(++count);
    woken = [];
    inbox = new Inbox(nocobase.app, (id) => woken.push(id));
  });

  afterEach(() => inbox.stop());

  const due = () => readDue(nocobase.db, sourceId, Date.now(), 100);
  const ids = async () => (await due()).map(({ kind, id }) => `${kind} ${id}`);

  it('has what was stored when that is said, and wakes who reads it', async () => {
    await inbox.store(sourceId, [member('a'), { kind: 'department', id: '7' }]);
    expect(await ids()).toEqual(['member a', 'department 7']);
    expect(woken).toEqual([sourceId]);
    expect(await dueSources(nocobase.db, Date.now())).toContain(sourceId);
  });

  it('keeps `a` and `A` apart, and one row of each, however often it comes', async () => {
    await inbox.store(sourceId, [member('a'), member('A'), member('a')]);
    await inbox.store(sourceId, [member('A')]);
    expect(await ids()).toEqual(['member a', 'member A']);
  });

  it('does not lose an event that comes while its ID is read', async () => {
    await inbox.store(sourceId, [member('a'), member('b')]);
    const read = await due();
    await inbox.store(sourceId, [member('a')]);
    await removeWaiting(nocobase.app, sourceId, read);
    expect(await ids()).toEqual(['member a']);
  });

  it('what failed and waits is due at once when it changes again', async () => {
    await inbox.store(sourceId, [member('a')]);
    await nocobase.db
      .getModel(EVENTS)
      .update({ dueAt: Date.now() + 60_000, attempts: 3, code: 'SYNC_FAILED' }, { where: { sourceId } });
    expect(await ids()).toEqual([]);
    await inbox.store(sourceId, [member('a')]);
    expect(await due()).toMatchObject([{ id: 'a', attempts: 3 }]);
  });

  it('a wish for a whole run that waits does not become due earlier', async () => {
    await addWholeRun(nocobase.app, sourceId, 1000);
    const dueAt = Date.now() + 60_000;
    await nocobase.db.getModel(EVENTS).update({ dueAt }, { where: { sourceId } });
    await addWholeRun(nocobase.app, sourceId, 2000);
    const [row] = await nocobase.db.getModel(EVENTS).findAll({ where: { sourceId } });
    expect([Number(row.get('dueAt')), Number(row.get('receivedAt'))]).toEqual([dueAt, 2000]);
  });

  it('writes a burst of 10,000 events in a few statements, and loses none of them', async () => {
    const { options } = nocobase.db.sequelize as unknown as { options: { logging: unknown } };
    let statements = 0;
    options.logging = (sql: string) => {
      statements += /INSERT INTO/.test(sql) ? 1 : 0;
    };
    // As they come: DingTalk waits for the answers of 100.
    const events = members(10_000);
    for (let first = 0; first < events.length; first += 100) {
      // On a busy machine some are late, which DingTalk is told: they are stored all the same.
      await Promise.allSettled(events.slice(first, first + 100).map((id) => inbox.store(sourceId, [id])));
    }
    await inbox.stop();
    options.logging = false;
    expect(await countWaiting(nocobase.db, sourceId)).toBe(10_000);
    expect(statements).toBeLessThan(300);
  }, 60_000);

  it('more than 20,000 IDs of a source become the wish for one whole run', async () => {
    for (let part = 0; part < 21; part++) {
      await addWaiting(nocobase.app, sourceId, members(1000, `part${part}-`), Date.now());
    }
    await inbox.store(sourceId, [member('one more')]);
    expect(await ids()).toEqual(['all ']);
  }, 60_000);

  if (dialect === 'sqlite') {
    /** SQLite has one writer, for whom all others wait. Other databases have as many as there are connections. */
    async function whileLocked(work: () => Promise<unknown>): Promise<void> {
      let end: () => void = () => undefined;
      const held = withWriteTransaction(nocobase, () => new Promise<void>((resolve) => (end = resolve)));
      await work().finally(() => end());
      await held;
      await inbox.stop();
    }

    it('says within 800 ms that it is not stored, where the database does not take it, and stores it later', async () => {
      await whileLocked(async () => {
        const began = Date.now();
        await expect(inbox.store(sourceId, [member('a')])).rejects.toMatchObject({ code: 'EVENTS_FAILED' });
        expect(Date.now() - began).toBeLessThan(1200);
      });
      expect(await ids()).toEqual(['member a']);
    });

    it('T85: keeps no more than 20,000 IDs in memory: the rest is to be sent again', async () => {
      const reasons: unknown[] = [];
      await whileLocked(async () => {
        const stores = Array.from({ length: 25 }, (_, part) => inbox.store(sourceId, members(1000, `part${part}-`)));
        const ends = await Promise.allSettled(stores);
        reasons.push(...ends.map((end) => end.status === 'rejected' && end.reason.detail.reason));
      });
      expect(reasons.filter((reason) => reason === 'too many at once')).toHaveLength(5);
      expect(reasons.filter((reason) => reason === 'not stored in time')).toHaveLength(20);
      expect(await countWaiting(nocobase.db, sourceId)).toBe(20_000);
    }, 30_000);
  }
});
