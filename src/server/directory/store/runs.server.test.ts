import { type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import { beginRun, endRun, listRuns, noteTaken } from './runs';

describe('what a run took away counts for a day', () => {
  let nocobase: NocoBase;
  const sourceId = '7';
  const start = { sourceId, trigger: 'manual' } as const;
  const taken = { members: 4, departments: 0, memberships: 1 };

  beforeAll(async () => {
    nocobase = await startNocoBase();
  }, 60_000);

  afterAll(() => nocobase?.stop());

  it('also where its process was killed, or it could not say how it ended', async () => {
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
