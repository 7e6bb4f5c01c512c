import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import { Scene } from '../../../testing/directory/scene';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import type { ErrorCode } from '../../shared/codes';
import { AUTH_TYPE, SOURCE_TYPE } from '../../shared/constants';
import type { Changes, FollowWork } from '../directory/follow';
import { HOST_SOURCES } from '../directory/source';
import { RUNS } from '../directory/store/collections';
import { readSourceRow, setSourceRow } from '../directory/store/source-row';
import { CodedError } from '../http/coded-error';
import { EVENTS } from './collections';
import { addWaiting, addWholeRun, countWaiting, type EventId, oldestFailure } from './waiting';
import { type FollowChanges, Worker } from './worker';

const ids = (...names: string[]): EventId[] =>
  names.map((id) => (/^\d+$/.test(id) ? { kind: 'department', id } : { kind: 'member', id }));

describeOnSqliteAnd('postgres')('what reads the IDs of events', (dialect) => {
  let scene: Scene;
  let worker: Worker;
  let calls: Changes[];
  /** What becomes of a reading. */
  let follow: (changes: Changes, work?: FollowWork) => Promise<{ needsRun: boolean }>;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 2, departments: 1 }, options: { events: 'http' } });
    await scene.run();
    // What the application reads with ends: in these tests there is one worker.
    await scene.nocobase.app.emitAsync('beforeStop');
  }, 120_000);

  afterAll(() => scene?.stop());

  const record: FollowChanges = async (_app, _source, changes, work) => {
    calls.push(changes);
    return follow(changes, work);
  };

  beforeEach(() => {
    calls = [];
    follow = async () => ({ needsRun: false });
    worker = new Worker(scene.nocobase.app, record);
    worker.start();
  });

  afterEach(async () => {
    delete process.env.DINGTALK_DIRECTORY;
    await worker.stop();
    await events().destroy({ where: {} });
    await scene.choose({ events: 'http' });
  });

  const events = () => scene.nocobase.db.getModel(EVENTS);
  const rows = (): Promise<Model[]> => events().findAll({ order: ['id'] });
  const waiting = async () => (await rows()).map((row) => row.get('dingtalkId'));
  const add = (...names: string[]) => addWaiting(scene.nocobase.app, scene.source, ids(...names), Date.now());
  const isEmpty = async () => (await events().count()) === 0;
  const refuse = (code: ErrorCode) => async () => {
    throw new CodedError(code);
  };

  /** One more, with an app of its own. */
  async function addSource(name: string): Promise<Model> {
    const { db } = scene.nocobase;
    const authenticators = db.getModel('authenticators');
    const sources = db.getModel(HOST_SOURCES);
    const authenticator: Model | null = await authenticators.findOne({ where: { name: 'dingtalk' } });
    const source: Model | null = await sources.findByPk(scene.source);
    const { dingtalk } = authenticator?.get('options') ?? {};
    const options = { dingtalk: { ...dingtalk, clientId: `ding${name}` } };
    await authenticators.create({ name, authType: AUTH_TYPE, enabled: true, options });
    const ofSource = { ...source?.get('options'), authenticator: name };
    return sources.create({ name, sourceType: SOURCE_TYPE, enabled: true, options: ofSource });
  }

  /** As after the pause that they wait. */
  async function tickLater(): Promise<void> {
    await events().update({ dueAt: 0 }, { where: {} });
    await worker.tick();
  }

  it('reads a burst together, half a second after it, and then nothing waits', async () => {
    await add('anna', '7');
    worker.wake(scene.source);
    await add('bert');
    worker.wake(scene.source);
    expect(calls).toEqual([]);
    await until('it is read', isEmpty, { everyMs: 20 });
    expect(calls).toEqual([{ userids: ['anna', 'bert'], departmentIds: [7] }]);
  });

  it('finds what another process has left', async () => {
    await add('anna');
    await worker.tick();
    await until('it is read', isEmpty, { everyMs: 20 });
    expect(calls).toEqual([{ userids: ['anna'], departmentIds: [] }]);
  });

  it('asks about a leaver again some seconds later, and only about one who has not left since', async () => {
    const { app, db } = scene.nocobase;
    const [stays, leaves] = (await scene.rows()).map(({ userid }) => userid);
    const told = (kind: EventId['kind']) => [stays, leaves].map((id): EventId => ({ kind, id }));
    await addWaiting(app, scene.source, [...told('member'), ...told('again')], Date.now());
    follow = async () => {
      await db.getModel('dingtalkMembers').update({ state: 'left' }, { where: { dingtalkUserid: leaves } });
      return { needsRun: false };
    };
    await worker.tick();
    await until('both are read', async () => (await countWaiting(db, scene.source)) === 0, { everyMs: 20 });
    expect((await rows()).map((row) => Number(row.get('dueAt')) > Date.now() + 5000)).toEqual([true, true]);
    // As some seconds later. A burst that ends before finds nothing, and nothing else wakes the worker.
    await events().update({ dueAt: Date.now() + 2000 }, { where: {} });
    worker.wake(scene.source);
    await until('they are asked about', isEmpty, { everyMs: 20 });
    expect(calls).toEqual([
      { userids: [stays, leaves], departmentIds: [] },
      { userids: [stays], departmentIds: [] },
    ]);
    await db.getModel('dingtalkMembers').update({ state: 'active' }, { where: { dingtalkUserid: leaves } });
  });

  it('reads leavers before all others', async () => {
    const { app } = scene.nocobase;
    await add('anna', 'bert');
    await addWaiting(app, scene.source, [{ kind: 'leaver', id: 'carl' }], Date.now());
    await worker.tick();
    await until('all are read', isEmpty, { everyMs: 20 });
    expect(calls.map(({ userids }) => userids)).toEqual([['carl'], ['anna', 'bert']]);
  });

  describe('somebody who leaves while others are read', () => {
    const leaver = (id: string) => addWaiting(scene.nocobase.app, scene.source, [{ kind: 'leaver', id }], Date.now());
    const namesOf = (all: Changes[]) => all.map(({ userids }) => userids);

    /** Lets something happen while a batch is read; what is followed beside it is in the list. */
    function whileReading(
      happens: () => Promise<unknown>,
      afterwards?: (work?: FollowWork) => Promise<void>,
    ): Changes[] {
      const beside: Changes[] = [];
      follow = async (_, work) => {
        await happens();
        await work?.meanwhile?.(async (_source, changes) => {
          beside.push(changes);
          return { needsRun: false, entries: 0 };
        });
        await afterwards?.(work);
        return { needsRun: false };
      };
      return beside;
    }

    const enable = (enabled: boolean) =>
      scene.nocobase.db.getModel(HOST_SOURCES).update({ enabled }, { where: { id: scene.source } });

    it('is followed beside them, and they are no others that wait', async () => {
      await add('anna', 'bert');
      const beside = whileReading(
        () => leaver('carl'),
        async (work) => {
          expect(await waiting()).toEqual(['anna', 'bert']);
          await work?.meanwhile?.(() => Promise.reject(new Error('Nobody has left.')));
        },
      );
      await worker.tick();
      await until('all are read', isEmpty, { everyMs: 20 });
      expect([namesOf(calls), namesOf(beside)]).toEqual([[['anna', 'bert']], [['carl']]]);
    });

    it('keeps none of them back where that fails, and is asked about again', async () => {
      await add('anna');
      follow = async (_, work) => {
        await leaver('carl');
        await work?.meanwhile?.(() => Promise.reject(new CodedError('SYNC_FAILED')));
        follow = async () => ({ needsRun: false });
        return { needsRun: false };
      };
      await worker.tick();
      await until('all are read', isEmpty, { everyMs: 20 });
      expect(namesOf(calls)).toEqual([['anna'], ['carl']]);
    });

    it('is asked about again beside them as well', async () => {
      const { app, db } = scene.nocobase;
      const [{ userid }] = await scene.rows();
      await add('anna');
      const beside = whileReading(async () => {
        await addWaiting(app, scene.source, [{ kind: 'again', id: userid }], Date.now());
        await db.getModel(EVENTS).update({ dueAt: 0 }, { where: { kind: 'again' } });
      });
      await worker.tick();
      await until('all are read', isEmpty, { everyMs: 20 });
      expect([namesOf(calls), namesOf(beside)]).toEqual([[['anna']], [[userid]]]);
    });

    it.each<[string, () => unknown]>([
      ['events are switched off', () => scene.choose({ events: 'off' })],
      ['the source is disabled', () => enable(false)],
    ])('is left alone where meanwhile %s', async (_name, change) => {
      await add('anna');
      const beside = whileReading(async () => {
        await change();
        await leaver('carl');
      });
      await worker.tick();
      await until('nothing waits', isEmpty, { everyMs: 20 });
      await enable(true);
      expect([namesOf(calls), beside]).toEqual([[['anna']], []]);
    });

    it('is in no batch of others that are due for longer', async () => {
      await add('anna');
      follow = async () => {
        if (calls.length === 1) {
          await add('bert');
          await leaver('carl');
        }
        return { needsRun: false };
      };
      await worker.tick();
      await until('all are read', isEmpty, { everyMs: 20 });
      expect(namesOf(calls)).toEqual([['anna'], ['bert'], ['carl']]);
    });
  });

  it('keeps an ID whose next event came while it was read, and reads it again', async () => {
    await add('anna', 'bert');
    follow = async () => {
      if (calls.length === 1) {
        await add('anna');
      }
      return { needsRun: false };
    };
    await worker.tick();
    await until('both are read', isEmpty, { everyMs: 20 });
    expect(calls.map(({ userids }) => userids)).toEqual([['anna', 'bert'], ['anna']]);
  });

  it('waits for a run, which is no failure', async () => {
    await add('anna');
    let failure: object | undefined;
    follow = async () => {
      if (calls.length === 1) {
        throw new CodedError('SYNC_RUNNING');
      }
      failure = await oldestFailure(scene.nocobase.db, scene.source);
      return { needsRun: false };
    };
    await worker.tick();
    await until('it is read', isEmpty, { everyMs: 20 });
    expect(calls).toHaveLength(2);
    expect(failure).toBeUndefined();
  });

  it('leaves to the administrator what the brake has stopped', async () => {
    await add('anna');
    follow = refuse('SYNC_STOPPED');
    await worker.tick();
    const told = async () => (await readSourceRow(scene.nocobase.db, scene.source)).told;
    await until('it is told', async () => (await told()) === 'stopped', { everyMs: 20 });
    expect(await waiting()).toEqual([]);
    await setSourceRow(scene.nocobase.app, scene.source, { told: null });
  });

  it('T86: an ID that nobody can read keeps the others back for some pauses, not for good', async () => {
    await add('poison', ...Array.from({ length: 99 }, (_, index) => `member${index}`));
    follow = async ({ userids }) => {
      if (userids.includes('poison')) {
        throw new CodedError('SYNC_FAILED');
      }
      return { needsRun: false };
    };
    await worker.tick();
    await until('all have failed', async () => (await events().count({ where: { attempts: 1 } })) === 100, {
      everyMs: 20,
    });
    for (const [attempts, left] of [
      [2, 60],
      [3, 8],
      [4, 1],
    ]) {
      await tickLater();
      const where = { attempts };
      await until(`${left} have failed`, async () => (await events().count({ where })) === left, { everyMs: 20 });
      await until('the others are read', async () => (await events().count()) === left, { everyMs: 20 });
    }
    expect(await waiting()).toEqual(['poison']);
    expect(await oldestFailure(scene.nocobase.db, scene.source)).toMatchObject({ code: 'SYNC_FAILED' });
  });

  it('T86: what failed once is tried again also while there is no end of other events', async () => {
    await add('anna');
    await events().update({ attempts: 1 }, { where: {} });
    await add('other0');
    follow = async () => {
      await add(`other${calls.length}`);
      return { needsRun: false };
    };
    await worker.tick();
    await until('twenty batches are read', async () => calls.length > 20, { everyMs: 20 });
    expect(calls.some(({ userids }) => userids.includes('anna'))).toBe(true);
  });

  it('T85: two sources that are flooded let a third one have its turn', async () => {
    const { app } = scene.nocobase;
    const others = [await addSource('flooded'), await addSource('quiet')];
    const all = [scene.source, ...others.map((row) => String(row.get('id')))];
    const read: string[] = [];
    worker = new Worker(app, async (_app, source) => {
      read.push(source.id);
      await addWaiting(app, source.id, ids(`member${read.length}`), Date.now());
      return { needsRun: false };
    });
    worker.start();
    await Promise.all(all.map((source) => addWaiting(app, source, ids('anna'), Date.now())));
    await worker.tick();
    await until('twenty batches are read', async () => read.length > 20, { everyMs: 20 });
    await worker.stop();
    expect([...new Set(read)].sort()).toEqual(all);
    await Promise.all(others.map((row) => row.destroy()));
  });

  it('what nobody could read is asked once, not for each ID, and all of it waits', async () => {
    await add('anna', 'bert');
    follow = refuse('DINGTALK_UNAVAILABLE');
    await worker.tick();
    await until('it waits', async () => (await events().count({ where: { code: 'DINGTALK_UNAVAILABLE' } })) === 2, {
      everyMs: 20,
    });
    const [row] = await rows();
    expect(Number(row.get('dueAt'))).toBeGreaterThan(Date.now());
    expect(Number(row.get('attempts'))).toBe(0);
    expect(calls).toHaveLength(1);
    follow = async () => ({ needsRun: false });
    await until('it is read after the pause', isEmpty, { everyMs: 20 });
    expect(calls).toHaveLength(2);
  });

  it('a source that was refused is asked again after its pause, however much comes of it meanwhile', async () => {
    await add('anna');
    follow = refuse('CREDENTIALS_INVALID');
    await worker.tick();
    await until('it waits', async () => (await events().count({ where: { code: 'CREDENTIALS_INVALID' } })) === 1, {
      everyMs: 20,
    });
    follow = async () => ({ needsRun: false });
    await add('bert');
    await worker.tick();
    worker.wake(scene.source);
    await until('all are read', isEmpty, { everyMs: 20 });
    expect(calls.map(({ userids }) => userids.sort())).toEqual([['anna'], ['anna', 'bert']]);
  });

  it.each(['success', 'stopped'])(
    'a whole run is due at once where only that can tell, until one has read all: %s',
    async (outcome) => {
      const { db, app } = scene.nocobase;
      await add('anna');
      follow = async () => ({ needsRun: true });
      await worker.tick();
      await until('it is due', async () => (await readSourceRow(db, scene.source)).nextRun !== undefined, {
        everyMs: 20,
      });
      const [wish] = await rows();
      expect(Number(wish.get('dueAt')) - Date.now()).toBeGreaterThan(9 * 60_000);
      await setSourceRow(app, scene.source, { nextRun: null });
      // Another one is wished for: it waits for its time.
      await addWholeRun(app, scene.source, Date.now());
      await worker.tick();
      expect((await readSourceRow(db, scene.source)).nextRun).toBeUndefined();
      // One has come to its end since.
      const began = Date.now();
      await db.getModel(RUNS).create({ sourceId: scene.source, trigger: 'schedule', began, outcome });
      await tickLater();
      await until('the wish is fulfilled', isEmpty, { everyMs: 20 });
      expect((await readSourceRow(db, scene.source)).nextRun).toBeUndefined();
    },
  );

  it('no event begins the first run of a source', async () => {
    const { db, app } = scene.nocobase;
    const { corpId, clientId } = await readSourceRow(db, scene.source);
    await setSourceRow(app, scene.source, { corpId: null });
    await addWholeRun(app, scene.source, Date.now());
    await worker.tick();
    await until('the wish is gone', isEmpty, { everyMs: 20 });
    expect((await readSourceRow(db, scene.source)).nextRun).toBeUndefined();
    await setSourceRow(app, scene.source, { corpId, clientId });
  });

  it('forgets what waits of a source that is gone, and of one that wants no events any more', async () => {
    await addWaiting(scene.nocobase.app, '999', ids('anna'), Date.now());
    await scene.choose({ events: 'off' });
    await add('bert');
    await worker.tick();
    await until('nothing waits', isEmpty, { everyMs: 20 });
    expect(calls).toEqual([]);
  });

  it('T87: a clone reads nothing, and forgets nothing', async () => {
    process.env.DINGTALK_DIRECTORY = 'off';
    await add('anna');
    await worker.tick();
    await worker.stop();
    expect(calls).toEqual([]);
    expect(await waiting()).toEqual(['anna']);
  });

  it('has ended what it reads when it has stopped, and begins nothing any more', async () => {
    await add('anna');
    let hasEnded = false;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    worker = new Worker(scene.nocobase.app, async (_app, _source, _changes, { signal }) => {
      begin();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      hasEnded = true;
      throw signal.reason;
    });
    worker.start();
    await worker.tick();
    await begun;
    await worker.stop();
    expect(hasEnded).toBe(true);
    worker.wake(scene.source);
    await worker.tick();
    // Whoever starts next reads it: nothing has failed.
    expect(await waiting()).toEqual(['anna']);
    expect(await oldestFailure(scene.nocobase.db, scene.source)).toBeUndefined();
  });
});
