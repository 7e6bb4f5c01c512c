import { type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import type { Trigger } from '../../../shared/directory';
import { RUNS } from './collections';
import { beginRun, DAY_MS, endRun, listRuns, noteTaken, type RunEnd } from './runs';

describe('reports', () => {
  let nocobase: NocoBase;
  const sourceId = '7';
  const start = { sourceId, trigger: 'manual' } as const;
  const taken = { members: 4, departments: 0, memberships: 1 };

  beforeAll(async () => {
    nocobase = await startNocoBase();
  }, 60_000);

  afterAll(() => nocobase?.stop());

  it('of what followed events push no report of a run out, and are kept for 30 days, 200 of them', async () => {
    const { app, db } = nocobase;
    const source = '8';
    const runs = db.getModel(RUNS);
    const add = async (trigger: Trigger, end: Partial<RunEnd> = {}) => {
      const id = await beginRun(app, { sourceId: source, trigger });
      await endRun(app, source, id, { outcome: 'success', ...end });
      return id;
    };
    const run = await add('schedule');
    const entry = { kind: 'member', id: 'x', name: '', action: 'created' } as const;
    const rows = Array.from({ length: 210 }, (_, index) => ({
      sourceId: source,
      trigger: 'event',
      began: Date.now(),
      outcome: 'success',
      entries: [entry],
      // What the brake has to know of is kept for a day, without its lines.
      takenAway: index === 3 ? taken : {},
    }));
    await runs.bulkCreate(rows);
    const last = await add('event', { entries: [entry] });
    expect((await listRuns(db, source)).map(({ id }) => id)).toEqual([run]);
    const events = await listRuns(db, source, { kind: 'events' });
    expect([events.length, events[0].id]).toEqual([200, last]);
    const older = await runs.findAll({ where: { sourceId: source, trigger: 'event' }, order: ['id'] });
    expect(older).toHaveLength(201);
    expect(older[0].get()).toMatchObject({ takenAway: taken, entries: [] });
    await runs.update({ began: Date.now() - 31 * DAY_MS }, { where: { sourceId: source } });
    await add('schedule');
    expect(await listRuns(db, source, { kind: 'events' })).toEqual([]);
    expect(await listRuns(db, source)).toHaveLength(2);
  });

  it('tell the brake for a day what was taken away: also where the process was killed, or could not say how it ended', async () => {
    const { app } = nocobase;
    const killed = await beginRun(app, start);
    await noteTaken(app, sourceId, killed, taken);
    const failed = await beginRun(app, start);
    await noteTaken(app, sourceId, failed, taken);
    await endRun(app, sourceId, failed, { outcome: 'failed', code: 'SYNC_RUNNING' });
    expect(await listRuns(nocobase.db, sourceId)).toMatchObject([
      { id: failed, outcome: 'failed', takenAway: taken },
      { id: killed, outcome: 'failed', code: 'SYNC_INTERRUPTED', takenAway: taken },
    ]);
  });
});
