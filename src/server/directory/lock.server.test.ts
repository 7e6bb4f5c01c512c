// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import type { Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { createDatabase, describeOnEachDatabase, type TestDatabase } from '../../../testing/nocobase/databases';
import { withBindingLock } from '../accounts/lock';
import { SOURCES } from './store/collections';
import { type Lease, type LeaseOptions, withLease } from './lock';
import { claimSource, isRunning, readSourceRow, unclaimSource } from './store/source-row';

describeOnEachDatabase('the lease of a source, of two applications on one database', (dialect) => {
  let database: TestDatabase;
  let nodes: NocoBase[] = [];
  let authenticator: AuthModel;
  let sourceId: string;
  let count = 0;

  beforeAll(async () => {
    database = await createDatabase(dialect);
    nodes = [await startNocoBase(dialect, { on: database })];
    nodes.push(await startNocoBase(dialect, { on: database, isInstalled: true }));
    authenticator = await nodes[0].addAuthenticator('dingtalk');
  }, 120_000);

  afterAll(async () => {
    for (const node of nodes) {
      await node.stop();
    }
    await database?.drop();
  });

  beforeEach(() => {
    sourceId = String(++count);
  });

  const sources = () => nodes[0].db.getModel(SOURCES);
  const row = async () => (await sources().findByPk(sourceId, { raw: true })) as Record<string, unknown> | null;
  const set = (values: object) => sources().update(values, { where: { sourceId } });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code?: string; message: string }) => error.code ?? error.message,
    );

  /** Holds the source on a node until `end` is called. */
  async function hold(node: NocoBase, options?: LeaseOptions) {
    let end: (error?: Error) => void = () => undefined;
    let begun: (lease: Lease) => void = () => undefined;
    const lease = new Promise<Lease>((resolve) => (begun = resolve));
    const work = (given: Lease) => {
      begun(given);
      return new Promise<void>((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())));
    };
    const ended = withLease(node.app, sourceId, work, options);
    return { lease: await lease, end: (error?: Error) => end(error), ended };
  }

  it('T82: refuses a second one at once, on the same node and on another one, and lets it in afterwards', async () => {
    const { end, ended } = await hold(nodes[0]);
    for (const node of nodes) {
      expect(await codeOf(withLease(node.app, sourceId, async () => undefined))).toBe('SYNC_RUNNING');
    }
    expect(await codeOf(withLease(nodes[1].app, `${sourceId}0000`, async () => undefined))).toBe('done');
    end();
    await ended;
    expect(await row()).toMatchObject({ holder: null, heldUntil: null });
    expect(await withLease(nodes[1].app, sourceId, async () => 'its answer')).toBe('its answer');
  });

  it('lets one of many in that ask at once', async () => {
    let begun = 0;
    let refused = 0;
    let end: () => void = () => undefined;
    const others = new Promise<void>((resolve) => (end = resolve));
    // As long as not all others were refused it works: unless a second one works as well.
    const work = () => {
      if (++begun > 1) {
        end();
      }
      return others;
    };
    const ask = async (_: unknown, index: number) => {
      const code = await codeOf(withLease(nodes[index % 2].app, sourceId, work));
      if (code === 'SYNC_RUNNING' && ++refused === 5) {
        end();
      }
      return code;
    };
    const codes = await Promise.all(Array.from({ length: 6 }, ask));
    expect(codes.sort()).toEqual([...Array(5).fill('SYNC_RUNNING'), 'done']);
  });

  describe('for single changes', () => {
    const forEvents = { isForEvents: true };
    const nothing = async () => undefined;

    it('T82: is refused on both nodes while a run holds the source, or has claimed it, and while another one has it', async () => {
      const follow = (node: NocoBase) => codeOf(withLease(node.app, sourceId, nothing, forEvents));
      for (const held of [await hold(nodes[0]), undefined]) {
        if (!held) {
          await claimSource(nodes[0].app, sourceId);
        }
        expect([await follow(nodes[0]), await follow(nodes[1])]).toEqual(['SYNC_RUNNING', 'SYNC_RUNNING']);
        held?.end();
        await held?.ended;
      }
      await unclaimSource(nodes[0].app, sourceId);
      const first = await hold(nodes[1], forEvents);
      expect(await follow(nodes[0])).toBe('SYNC_RUNNING');
      first.end();
      await first.ended;
      expect(await follow(nodes[0])).toBe('done');
    });

    it('is no run: a task can begin, and waits for its end', async () => {
      const events = await hold(nodes[0], forEvents);
      expect(isRunning(await readSourceRow(nodes[1].db, sourceId))).toBe(false);
      await claimSource(nodes[1].app, sourceId);
      expect(isRunning(await readSourceRow(nodes[1].db, sourceId))).toBe(true);
      const order: string[] = [];
      const run = withLease(nodes[1].app, sourceId, async () => order.push('run'));
      // It hears that a run waits, and reads no further.
      await new Promise((resolve) => events.lease.signal.addEventListener('abort', resolve));
      expect(events.lease.signal.reason).toMatchObject({ code: 'SYNC_RUNNING' });
      order.push('events');
      events.end();
      await Promise.all([events.ended, run]);
      expect(order).toEqual(['events', 'run']);
    });

    it('lets whoever waits for its end be stopped, and waits for no run', async () => {
      const events = await hold(nodes[0], forEvents);
      const stop = new AbortController();
      const waiting = codeOf(withLease(nodes[1].app, sourceId, nothing, { signal: stop.signal }));
      stop.abort(new Error('stopped'));
      expect(await waiting).toBe('stopped');
      events.end();
      await events.ended;
      const run = await hold(nodes[0]);
      const began = Date.now();
      expect(await codeOf(withLease(nodes[1].app, sourceId, nothing))).toBe('SYNC_RUNNING');
      expect(Date.now() - began).toBeLessThan(5000);
      run.end();
      await run.ended;
    });
  });

  it('ends with work that fails, by the error of the work', async () => {
    const { end, ended } = await hold(nodes[0]);
    end(new Error('no answer'));
    expect(await codeOf(ended)).toBe('no answer');
    expect(await codeOf(withLease(nodes[1].app, sourceId, async () => undefined))).toBe('done');
  });

  describe('of a process that stood still for too long', () => {
    const write = (node: NocoBase, work: (transaction: Transaction) => Promise<unknown>) =>
      withBindingLock(node, authenticator, work);
    const told = async () => (await row())?.told ?? null;

    it('T82: is taken over, and the process writes nothing any more', async () => {
      const stopped = await hold(nodes[0]);
      await write(nodes[0], (transaction) => stopped.lease.check(transaction));
      await set({ heldUntil: Date.now() - 1 });
      const next = await hold(nodes[1]);
      const late = write(nodes[0], async (transaction) => {
        await sources().update({ told: 'late' }, { where: { sourceId }, transaction });
        await stopped.lease.check(transaction);
      });
      expect(await codeOf(late)).toBe('SYNC_RUNNING');
      expect(await told()).toBeNull();
      await write(nodes[1], (transaction) => next.lease.check(transaction));
      stopped.end();
      await stopped.ended;
      expect(await row()).toMatchObject({ holder: expect.any(String) });
      next.end();
      await next.ended;
    });

    it('is taken over after the transaction that it is in', async () => {
      const stopped = await hold(nodes[0]);
      await set({ heldUntil: Date.now() - 1 });
      const order: string[] = [];
      let next: Promise<unknown> = Promise.resolve();
      await write(nodes[0], async (transaction) => {
        await stopped.lease.check(transaction);
        next = withLease(nodes[1].app, sourceId, async () => order.push('taken over'));
        await new Promise((resolve) => setTimeout(resolve, 300));
        order.push('written');
      });
      await next;
      expect(order).toEqual(['written', 'taken over']);
      stopped.end();
      await stopped.ended;
    });
  });

  describe('is extended while the work goes on', () => {
    const callbacks: (() => void)[] = [];

    beforeEach(() => {
      callbacks.length = 0;
      const { setInterval: real } = global;
      jest.spyOn(global, 'setInterval').mockImplementation(((callback: () => void, ms: number) => {
        if (ms === 15_000) {
          callbacks.push(callback);
        }
        return real(callback, ms);
      }) as typeof setInterval);
    });

    afterEach(() => jest.restoreAllMocks());

    const until = async (isSo: () => Promise<boolean> | boolean) => {
      while (!(await isSo())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    it('for a minute each time', async () => {
      const { end, ended } = await hold(nodes[0]);
      await set({ heldUntil: Date.now() + 1000 });
      callbacks.forEach((extend) => extend());
      await until(async () => Number((await row())?.heldUntil) > Date.now() + 50_000);
      end();
      await ended;
    });

    it('and the work hears of it when it was taken over', async () => {
      const { lease, end, ended } = await hold(nodes[0]);
      await set({ holder: 'another process' });
      expect(lease.signal.aborted).toBe(false);
      callbacks.forEach((extend) => extend());
      await until(() => lease.signal.aborted);
      expect(lease.signal.reason).toMatchObject({ code: 'SYNC_RUNNING' });
      end();
      await ended;
      expect(await row()).toMatchObject({ holder: 'another process' });
    });
  });
});
