import type { Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { HOST_SOURCES } from '../directory/source';
import { describe } from '../http/report';
import { CalleeBook } from './callback-keys';
import { noteDowns } from './downs';
import { forgetGoneEvents } from './event-source';
import { readFailedCallbacks } from './failed-callbacks';
import { Inbox } from './inbox';
import { isListening, readListeners } from './listeners';
import { Notes } from './notes';
import { Receiver } from './receiver';
import { Refusals } from './refusals';
import { Streams } from './streams';
import { type FollowChanges, Worker } from './worker';

/** How often a process looks whether it listens to what it should, and whether others have left something to be read. */
const TICK_MS = 30_000;

/** What a form saves are several rows. */
const CHANGED_MS = 200;

/** What this process listens to may follow from each of them: by whom a source is heard, and with which values. */
const FOLLOWED = [HOST_SOURCES, 'authenticators', 'environmentVariables'];

/** By which one node tells the others that something has changed, where they have a way to. */
const CHANNEL = 'auth-dingtalk-events';

/**
 * Everything that listens in this process, while NocoBase runs. What it should listen to is read from the database every 30
 * seconds, and sooner where somebody changes a setting: it depends on sources, authenticators and variables, and one of
 * these may have been changed in a way that nobody tells of.
 */
export class Events {
  readonly notes: Notes;
  readonly receiver: Receiver;
  readonly streams: Streams;
  readonly book: CalleeBook;
  readonly refusals: Refusals;
  private readonly inbox: Inbox;
  private readonly worker: Worker;
  private timers: NodeJS.Timeout[] = [];
  private soon?: NodeJS.Timeout;
  private stopped = new AbortController();
  private reconciling: Promise<void> = Promise.resolve();
  private asking?: Promise<void>;
  private ticking?: Promise<void>;

  constructor(
    private readonly app: Application,
    followChanges: FollowChanges,
  ) {
    this.worker = new Worker(app, followChanges);
    this.notes = new Notes(app);
    this.inbox = new Inbox(app, (sourceId) => this.worker.wake(sourceId));
    this.receiver = new Receiver(this.inbox, this.notes);
    this.streams = new Streams(app, this.receiver);
    this.book = new CalleeBook(app);
    this.refusals = new Refusals(app);
    this.stopped.abort();
    app.on('afterStart', () => this.start());
    app.on('beforeStop', () => this.stop());
    app.syncMessageManager.subscribe(CHANNEL, () => this.reconcile()).catch(this.report);
    FOLLOWED.flatMap((name) => [`${name}.afterSave`, `${name}.afterDestroy`]).forEach((event) =>
      app.db.on(event, (_: unknown, { transaction }: { transaction?: Transaction } = {}) => this.follow(transaction)),
    );
  }

  async start(): Promise<void> {
    await this.stop();
    this.stopped = new AbortController();
    this.worker.start();
    const tick = () => void (this.ticking = this.tick());
    this.timers = [setInterval(tick, TICK_MS).unref()];
    // NocoBase does not wait for DingTalk when it starts.
    tick();
  }

  /** Once it has resolved, nothing uses the database any more, and no socket is left. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.timers.forEach((timer) => clearInterval(timer));
    clearTimeout(this.soon);
    this.soon = undefined;
    this.book.clear();
    await Promise.all([this.reconciling, this.asking, this.ticking]);
    await this.streams.stop();
    await this.inbox.stop();
    await this.worker.stop();
    await this.notes.stop();
  }

  /** Something was changed here: this process listens accordingly when it resolves, and the others soon. */
  async changed(): Promise<void> {
    await this.reconcile();
    if (await this.app.pubSubManager.isConnected()) {
      await this.app.syncMessageManager.publish(CHANNEL, {});
    }
  }

  /** As `changed`, a moment after a transaction was committed. */
  private follow(transaction: Transaction | undefined): void {
    const later = () => {
      if (!this.stopped.signal.aborted) {
        this.soon ??= setTimeout(() => {
          this.soon = undefined;
          this.changed().catch(this.report);
        }, CHANGED_MS).unref();
      }
    };
    if (transaction) {
      transaction.afterCommit(later);
    } else {
      later();
    }
  }

  private async tick(): Promise<void> {
    try {
      await this.reconcile({ notesDowns: true });
      if (!this.stopped.signal.aborted) {
        await this.worker.tick();
      }
    } catch (error) {
      this.report(error);
    }
  }

  /**
   * One after the other: the one that was read last is the one that counts.
   *
   * @param notesDowns not whenever somebody saves: SQLite refuses what is saved next where another write came in between
   */
  private reconcile({ notesDowns = false } = {}): Promise<void> {
    const next = this.reconciling.then(() => this.listen(notesDowns));
    this.reconciling = next.catch(() => undefined);
    return next;
  }

  private async listen(notesDowns: boolean): Promise<void> {
    if (this.stopped.signal.aborted) {
      return;
    }
    const listeners = await readListeners(this.app);
    await this.book.refresh(listeners);
    if (this.stopped.signal.aborted) {
      this.book.clear();
      return;
    }
    this.streams.reconcile(listeners);
    if (notesDowns && isListening()) {
      await noteDowns(this.app, listeners, (sourceId) => this.streams.connectionOf(sourceId));
      await forgetGoneEvents(this.app);
    }
    if (this.stopped.signal.aborted) {
      return;
    }
    this.asking ??= readFailedCallbacks(this.app, listeners, this.receiver, this.stopped.signal)
      .catch(this.report)
      .finally(() => (this.asking = undefined));
  }

  private readonly report = (error: unknown): void => {
    this.app.logger.error('DingTalk events', { outcome: 'EVENTS_FAILED', reason: describe(error) });
  };
}
