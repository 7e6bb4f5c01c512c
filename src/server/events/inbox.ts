import type { Application } from '@nocobase/server';
import { CodedError } from '../http/coded-error';
import { addWaiting, addWholeRun, countWaiting, type EventId, mergeWaiting } from './waiting';

/** DingTalk waits for 2.5 seconds, and for the way there and back. */
const COMMIT_MS = 800;

/** So many IDs wait in memory for the database; more come again, as DingTalk is told that they were not taken. */
const MAX_PENDING = 20_000;

/** So many IDs of a source wait in the database. A whole run takes as many calls as a few thousand of them. */
const MAX_WAITING = 20_000;

/** They are counted after so many more: on two nodes, there may be 2,000 more than that. */
const COUNT_EVERY = 1000;

/** What is stored together. */
interface Batch {
  ids: Map<string, EventId[]>;
  size: number;
  done: Promise<void>;
  end(written: Promise<void>): void;
}

function newBatch(): Batch {
  let end: Batch['end'] = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  // Whoever stored something is told; where the time was over before, nobody listens any more.
  done.catch(() => undefined);
  return { ids: new Map(), size: 0, done, end };
}

/**
 * Takes the IDs of events into the database. While it writes, whatever comes is gathered and written next, in one
 * statement: a burst of 10,000 events costs a few dozen.
 */
export class Inbox {
  private next = newBatch();
  private writing?: Promise<void>;
  private pending = 0;
  /** By source: how many were added since they were counted. */
  private readonly added = new Map<string, number>();

  constructor(
    private readonly app: Application,
    private readonly onStored: (sourceId: string) => void,
  ) {}

  /**
   * @returns when they are committed
   * @throws CodedError EVENTS_FAILED where they are not, or not in time: DingTalk sends the event again
   */
  async store(sourceId: string, ids: EventId[]): Promise<void> {
    if (!ids.length) {
      return;
    }
    if (this.pending + ids.length > MAX_PENDING) {
      throw new CodedError('EVENTS_FAILED', { reason: 'too many at once' });
    }
    const batch = this.next;
    const ofSource = batch.ids.get(sourceId) ?? [];
    ofSource.push(...ids);
    batch.ids.set(sourceId, ofSource);
    batch.size += ids.length;
    this.pending += ids.length;
    this.writing ??= this.drain().finally(() => (this.writing = undefined));
    await inTime(batch.done);
  }

  /** More has changed than is named. */
  async wishForRun(sourceId: string): Promise<void> {
    await addWholeRun(this.app, sourceId, Date.now());
    this.onStored(sourceId);
  }

  /** Once it has resolved, nothing uses the database any more. */
  async stop(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    while (this.next.size) {
      const batch = this.next;
      this.next = newBatch();
      const written = this.write(batch);
      batch.end(written);
      await written.catch(() => undefined);
      this.pending -= batch.size;
    }
  }

  private async write({ ids }: Batch): Promise<void> {
    for (const [sourceId, ofSource] of ids) {
      await addWaiting(this.app, sourceId, ofSource, Date.now());
      await this.limit(sourceId, ofSource.length);
      this.onStored(sourceId);
    }
  }

  private async limit(sourceId: string, count: number): Promise<void> {
    const added = (this.added.get(sourceId) ?? COUNT_EVERY) + count;
    this.added.set(sourceId, added < COUNT_EVERY ? added : 0);
    if (added >= COUNT_EVERY && (await countWaiting(this.app.db, sourceId)) > MAX_WAITING) {
      await mergeWaiting(this.app, sourceId, Date.now());
    }
  }
}

/** @throws CodedError EVENTS_FAILED */
async function inTime(done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('EVENTS_FAILED', { reason: 'not stored in time' })), COMMIT_MS);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
