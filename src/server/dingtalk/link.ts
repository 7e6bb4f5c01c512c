import { WebSocket } from 'ws';
import { type Clock, Timers } from './clock';
import { DingTalkError } from './errors';
import { MAX_FRAME_BYTES, openSocket, socketError } from './gateway';

interface LinkHandlers {
  onOpen(): void;
  /** @param text of a frame; undefined for one that is no text */
  onFrame(text: string | undefined): void;
  /** Called once, whether it was ever open or not. */
  onEnd(error: DingTalkError): void;
}

/** How often a link is tried in between: proxies and address translation forget what is silent. */
const PING_MS = 30_000;

/** One web socket to the gateway, from its handshake to its end. It ends when nothing is heard for too long. */
export class Link {
  /** Resolves when the socket is gone. */
  readonly ended: Promise<void>;
  private readonly socket: WebSocket;
  private readonly timers: Timers;
  private openedAt?: number;
  private heardAt = 0;
  private failure?: DingTalkError;

  /**
   * @param deadline of the handshake alone
   * @throws DingTalkError `unreachable`
   */
  constructor(
    private readonly address: URL,
    deadline: AbortSignal,
    handlers: LinkHandlers,
    private readonly clock: Clock,
    private readonly silenceMs: number,
  ) {
    this.timers = new Timers(clock);
    this.socket = openSocket(address, deadline);
    const giveUp = () => this.end('no answer in time');
    deadline.addEventListener('abort', giveUp, { once: true });
    const hear = () => (this.heardAt = clock.now());
    this.socket
      .on('open', () => {
        deadline.removeEventListener('abort', giveUp);
        this.openedAt = hear();
        this.watch();
        handlers.onOpen();
      })
      .on('message', (data, isBinary) => {
        hear();
        handlers.onFrame(isBinary ? undefined : String(data));
      })
      .on('ping', hear)
      .on('pong', hear)
      // The first one tells the reason. What follows it, and does not come by itself, is the end.
      .on('error', (error) => this.end(error));
    this.ended = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        deadline.removeEventListener('abort', giveUp);
        this.timers.clear();
        handlers.onEnd(this.failure ?? this.errorOf(`the gateway closed the connection: ${code}`));
        resolve();
      });
    });
  }

  /** Milliseconds since it was opened; 0 where it was not. */
  get age(): number {
    return this.openedAt === undefined ? 0 : this.clock.now() - this.openedAt;
  }

  /** Nothing happens where the other side is gone: it will send again what it has no answer for. */
  send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) {
      return;
    }
    this.socket.send(text);
    if (this.socket.bufferedAmount > MAX_FRAME_BYTES) {
      this.end('the gateway does not read the answers');
    }
  }

  /** Ends it after some time, unless DingTalk does so before. */
  endAfter(ms: number): void {
    this.timers.after(ms, () => this.end('the connection was replaced'));
  }

  /** Ends it at once, and says so to the gateway, if that can still hear. */
  end(reason: string | Error): void {
    this.failure ??= this.errorOf(reason);
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.close(1000);
    }
    this.socket.terminate();
  }

  private errorOf(reason: string | Error): DingTalkError {
    return socketError(this.address, typeof reason === 'string' ? { message: reason } : reason);
  }

  private watch(): void {
    const silentMs = this.clock.now() - this.heardAt;
    if (silentMs >= this.silenceMs) {
      this.end(`nothing was heard for ${this.silenceMs / 1000} s`);
      return;
    }
    this.timers.after(Math.min(PING_MS, this.silenceMs - silentMs), () => {
      this.socket.ping();
      this.watch();
    });
  }
}
