import type { Application } from '@nocobase/server';
import { findSourceRow } from '../directory/source';
import { describe } from '../http/report';
import { readEventSource, setEventSource } from './event-source';

/** A burst of 10,000 events is written so often. */
const FLUSH_MS = 1000;

/** So many names of foreign events are shown. */
const MAX_TYPES = 20;

/** A clock that differs by less is right: the way of a request takes as long. */
const SKEW_MS = 2000;

interface Note {
  lastEventAt?: number;
  lastEventType?: string;
  foreignCount: number;
  foreignTypes: Set<string>;
  skewMs?: number;
  checkedAt?: number;
}

/** What the form shows of events, gathered for a moment: no event waits for it, and none is lost with it. */
export class Notes {
  private notes = new Map<string, Note>();
  private readonly skews = new Map<string, number>();
  private timer?: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly app: Application) {}

  event(sourceId: string, type: string): void {
    Object.assign(this.of(sourceId), { lastEventAt: Date.now(), lastEventType: type });
  }

  /** One that nobody here wants. */
  foreign(sourceId: string, type: string): void {
    const note = this.of(sourceId);
    note.foreignCount += 1;
    if (note.foreignTypes.size < MAX_TYPES) {
      note.foreignTypes.add(type);
    }
  }

  /** @param ms by how much this server's clock is ahead of DingTalk's */
  skew(sourceId: string, ms: number): void {
    const known = this.skews.get(sourceId);
    if (known === undefined || Math.abs(known - ms) > SKEW_MS) {
      this.skews.set(sourceId, ms);
      this.of(sourceId).skewMs = ms;
    }
  }

  checked(sourceId: string): void {
    this.of(sourceId).checkedAt = Date.now();
  }

  /** Once it has resolved, nothing uses the database any more. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.flush();
  }

  private of(sourceId: string): Note {
    const note = this.notes.get(sourceId) ?? { foreignCount: 0, foreignTypes: new Set<string>() };
    this.notes.set(sourceId, note);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, FLUSH_MS).unref();
    return note;
  }

  private flush(): Promise<void> {
    const notes = this.notes;
    this.notes = new Map();
    this.writing = this.writing.then(async () => {
      for (const [sourceId, note] of notes) {
        await this.write(sourceId, note).catch((error: unknown) =>
          // It is shown, and nothing else.
          this.app.logger.warn('DingTalk events', {
            outcome: 'EVENTS_FAILED',
            source: sourceId,
            reason: describe(error),
          }),
        );
      }
    });
    return this.writing;
  }

  private async write(sourceId: string, { foreignCount, foreignTypes, ...values }: Note): Promise<void> {
    const { app } = this;
    // One that was deleted meanwhile would have a row for ever.
    if (!(await findSourceRow(app.db, sourceId))) {
      return;
    }
    const known = foreignCount ? await readEventSource(app.db, sourceId) : undefined;
    await setEventSource(app, sourceId, {
      ...values,
      ...(known && {
        foreignCount: known.foreignCount + foreignCount,
        foreignTypes: [...new Set([...known.foreignTypes, ...foreignTypes])].slice(0, MAX_TYPES),
      }),
    });
  }
}
