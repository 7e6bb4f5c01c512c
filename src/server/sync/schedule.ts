import type { Model } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { SOURCE_TYPE } from '../../shared/constants';
import { withWriteLock } from '../accounts/lock';
import { SOURCES } from '../directory/store/collections';
import { MovedUsers } from '../directory/moved-users';
import { HOST_SOURCES, isDirectoryOff, titleOfSource } from '../directory/source';
import { forgetGoneSources } from '../directory/store/gone-sources';
import { isRunning, readSourceRow, setSourceRow } from '../directory/store/source-row';
import { toCoded } from '../directory/failures';
import { tellOutcome } from '../directory/notices';
import { backgroundContext } from '../http/background';
import { describe } from '../http/report';
import { nextRunOf } from './saving';
import { endStaleTasks } from './tasks';

const MINUTE_MS = 60_000;

/** How often it is looked whether a run is due: so much later than its time it may begin. */
const TICK_MS = 30_000;

/** A task that is as old as this and has no process is none that begins just now. */
const STALE_MS = 2 * MINUTE_MS;

/** When a scheduled run is tried again that has failed, after its first, second and third failure. */
const PAUSES_MS = [10 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS];

/** Time, which tests replace. */
export interface ScheduleClock {
  now(): number;
  /** Calls again and again; returns how that is ended. */
  every(ms: number, call: () => void): () => void;
}

const realClock: ScheduleClock = {
  now: () => Date.now(),
  every(ms, call) {
    const timer = setInterval(call, ms);
    // A process that has nothing else to do may end.
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** How a scheduled run ended. */
type Ended = 'success' | 'failed' | 'stopped' | 'running';

/**
 * What follows from it: when the next run is due, how many have failed one after the other, and whether this was one of
 * them that is tried again soon. A run that the brake stopped would stop again.
 *
 * @param regular when the schedule is due next
 */
export function planNext(
  ended: Ended,
  { attempts, now, regular }: { attempts: number; now: number; regular: number | undefined },
): { nextRun: number | undefined; attempts: number; isTriedAgain: boolean } {
  if (ended === 'running') {
    return { nextRun: now + PAUSES_MS[0], attempts, isTriedAgain: true };
  }
  const pause = ended === 'failed' && regular !== undefined ? PAUSES_MS[attempts] : undefined;
  if (pause === undefined) {
    return { nextRun: regular, attempts: 0, isTriedAgain: false };
  }
  return { nextRun: now + pause, attempts: attempts + 1, isTriedAgain: true };
}

/** Runs one source. @throws where the run fails */
type RunScheduled = (row: Model) => Promise<void>;

/** Runs sources at their times, on one of all nodes. */
export class Scheduler {
  private end?: () => void;
  private ticking?: Promise<void>;
  private readonly movedUsers: MovedUsers;

  constructor(
    private readonly app: Application,
    private readonly run: RunScheduled,
    private readonly clock: ScheduleClock = realClock,
  ) {
    this.movedUsers = new MovedUsers(app);
    app.on('afterStart', () => this.start());
    app.on('beforeStop', () => this.stop());
  }

  start(): void {
    this.end?.();
    this.end = this.clock.every(TICK_MS, () => this.tickLater());
    // A run that was missed while nothing ran is due at once.
    this.tickLater();
  }

  /** Once it has resolved, nothing uses the database any more. */
  async stop(): Promise<void> {
    this.end?.();
    this.end = undefined;
    await this.ticking;
  }

  private tickLater(): void {
    const report = (error: unknown) => {
      this.app.logger.error('DingTalk directory', { outcome: 'SYNC_FAILED', reason: describe(error) });
    };
    this.ticking ??= this.tick()
      .catch(report)
      .finally(() => (this.ticking = undefined));
  }

  /** Runs what is due now, and waits for it. */
  async tickNow(): Promise<void> {
    this.end ??= () => undefined;
    await this.tick();
  }

  /** Runs what is due, one source after the other. */
  private async tick(): Promise<void> {
    const { app, clock } = this;
    await this.movedUsers.catchUp();
    if (isDirectoryOff() || !app.db.hasCollection(HOST_SOURCES)) {
      return;
    }
    await forgetGoneSources(app);
    const rows: Model[] = await app.db
      .getModel(HOST_SOURCES)
      .findAll({ where: { sourceType: SOURCE_TYPE, enabled: true }, order: ['id'] });
    for (const row of rows) {
      if (!this.end) {
        return;
      }
      const id = String(row.get('id'));
      const known = await readSourceRow(app.db, id);
      if (!isRunning(known)) {
        await endStaleTasks(backgroundContext(app), id, { since: STALE_MS });
      }
      if (known.nextRun !== undefined && known.nextRun <= clock.now() && (await this.claim(id, known.nextRun))) {
        await this.runOne(row);
      }
    }
  }

  /**
   * Whether this process is the one that runs it. Where it ends in the middle, the run is due again a little later: the time
   * that is written here is then the one that stays.
   */
  private async claim(sourceId: string, nextRun: number): Promise<boolean> {
    const { app, clock } = this;
    const [claimed] = await withWriteLock({ app, db: app.db }, () =>
      app.db.getModel(SOURCES).update({ nextRun: clock.now() + PAUSES_MS[0] }, { where: { sourceId, nextRun } }),
    );
    return claimed > 0;
  }

  private async runOne(row: Model): Promise<void> {
    const { app, clock } = this;
    const id = String(row.get('id'));
    const failure = await this.run(row).then(
      () => undefined,
      (error: unknown) => toCoded(error),
    );
    const code = failure?.code;
    const ended = !code
      ? 'success'
      : code === 'SYNC_STOPPED'
        ? 'stopped'
        : code === 'SYNC_RUNNING'
          ? 'running'
          : 'failed';
    const { attempts } = await readSourceRow(app.db, id);
    const fresh: Model | null = await app.db.getModel(HOST_SOURCES).findByPk(id);
    const now = clock.now();
    const regular = fresh ? nextRunOf(fresh, now) : undefined;
    const { isTriedAgain, ...next } = planNext(ended, { attempts, now, regular });
    if (fresh) {
      await setSourceRow(app, id, { nextRun: next.nextRun ?? null, attempts: next.attempts });
      await tellOutcome(app, { id, title: titleOfSource(fresh) }, { trigger: 'schedule', failure, isTriedAgain });
    }
  }
}
