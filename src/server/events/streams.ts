import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import type { StreamConnection } from '../../shared/events';
import type { DingTalkError, DingTalkErrorKind } from '../dingtalk/errors';
import { openStream, type Stream, type StreamState } from '../dingtalk/stream';
import type { Listener, ListenedApp } from './listeners';
import type { Receiver } from './receiver';

/** A connection as a form is told of it, with the code in place of the sentence. */
export type Connection = Omit<StreamConnection, 'message'> & { code?: ErrorCode };

interface Kept {
  listener: Listener;
  /** Missing where there can be none: `listener.code` says why. */
  stream?: Stream;
  since: number;
  /** What the log was told last. */
  logged?: string;
}

/** What a line may have, besides what happened to which source. */
interface LogFields {
  code?: ErrorCode;
  networkCode?: string;
  httpStatus?: number;
  reason?: string;
}

const codeOfKind: Partial<Record<DingTalkErrorKind, ErrorCode>> = {
  unreachable: 'DINGTALK_UNAVAILABLE',
  busy: 'DINGTALK_BUSY',
  credentials: 'CREDENTIALS_INVALID',
  ipNotAllowed: 'IP_NOT_ALLOWED',
};

const codeOf = (error: DingTalkError): ErrorCode => codeOfKind[error.kind] ?? 'STREAM_FAILED';

/** The connections of this process, one for each source that hears of changes by Stream. */
export class Streams {
  private readonly kept = new Map<string, Kept>();
  private readonly closing = new Set<Promise<void>>();

  constructor(
    private readonly app: Application,
    private readonly receiver: Receiver,
  ) {}

  /** Opens what is missing, and closes what is not wanted any more, or of which a setting has changed. */
  reconcile(listeners: Listener[]): void {
    const wanted = new Map(listeners.filter(({ mode }) => mode === 'stream').map((one) => [one.sourceId, one]));
    for (const [sourceId, kept] of this.kept) {
      const listener = wanted.get(sourceId);
      if (!listener || !isSame(kept.listener, listener)) {
        this.close(sourceId, kept);
      }
    }
    wanted.forEach((listener, sourceId) => {
      if (!this.kept.has(sourceId)) {
        this.open(listener);
      }
    });
  }

  /** Once it has resolved, there is no socket and no timer of them any more. */
  async stop(): Promise<void> {
    this.reconcile([]);
    await Promise.all(this.closing);
  }

  /** Undefined where this process keeps none. */
  connectionOf(sourceId: string): Connection | undefined {
    const { listener, stream, since } = this.kept.get(sourceId) ?? {};
    if (!listener || since === undefined) {
      return undefined;
    }
    return stream ? toConnection(stream.state) : { state: 'refused', since, code: listener.code };
  }

  private open(listener: Listener): void {
    const kept: Kept = { listener, since: Date.now() };
    this.kept.set(listener.sourceId, kept);
    if (listener.app) {
      kept.stream = this.connect(kept, listener.app);
    } else {
      this.log(kept, 'warn', 'STREAM_REFUSED', { code: listener.code });
    }
  }

  private connect(kept: Kept, app: ListenedApp): Stream {
    const { sourceId } = kept.listener;
    return openStream(app, {
      onEvent: async (event) => {
        await this.receiver.take({ sourceId, corpId: app.corpId }, event);
        return 'SUCCESS';
      },
      onState: (state) => this.logState(kept, state),
    });
  }

  private close(sourceId: string, { stream, listener, ...kept }: Kept): void {
    this.kept.delete(sourceId);
    if (stream) {
      const closed = stream.close().finally(() => this.closing.delete(closed));
      this.closing.add(closed);
      this.log({ listener, ...kept }, 'info', 'STREAM_CLOSED');
    }
  }

  /** Not of each attempt: one that fails again as it did before is no news. */
  private logState(kept: Kept, { state, error }: StreamState): void {
    if (state === 'open') {
      this.log(kept, 'info', 'STREAM_OPEN');
    } else if (error) {
      const { networkCode, httpStatus, reason } = error.logFields;
      this.log(kept, 'warn', state === 'refused' ? 'STREAM_REFUSED' : 'STREAM_WAITING', {
        code: codeOf(error),
        networkCode,
        httpStatus,
        reason,
      });
    }
  }

  private log(kept: Kept, level: 'info' | 'warn', outcome: string, fields: LogFields = {}): void {
    const line = `${outcome} ${fields.code}`;
    if (kept.logged !== line) {
      kept.logged = line;
      this.app.logger[level]('DingTalk events', { outcome, source: kept.listener.sourceId, ...fields });
    }
  }
}

const isSame = (one: Listener, other: Listener) =>
  JSON.stringify([one.app, one.code]) === JSON.stringify([other.app, other.code]);

const toConnection = ({ state, since, until, error }: StreamState): Connection => ({
  state,
  since,
  ...(until !== undefined && { until }),
  ...(error && { code: codeOf(error) }),
});
