import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Context, Middleware } from 'koa';
import type { Call } from './platform/data';

/** Notes every request to DingTalk; those to the control API are none. */
export class Recorder {
  readonly calls: Call[] = [];
  connections = 0;
  private opened = 0;
  private readonly sockets = new WeakMap<Socket, number>();

  constructor(private readonly now: () => number) {}

  listen(server: Server): void {
    server.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.set(socket, ++this.opened);
    });
  }

  note({ method = '', socket }: IncomingMessage, path: string, query: string): Call {
    const call: Call = { method, path, query, at: this.now(), socket: this.sockets.get(socket) ?? 0 };
    this.calls.push(call);
    return call;
  }

  middleware(isNoted: (ctx: Context) => boolean): Middleware {
    return async (ctx, next) => {
      if (!isNoted(ctx)) {
        return next();
      }
      const call = this.note(ctx.req, ctx.path, ctx.querystring);
      await next();
      if (ctx.respond !== false) {
        call.status = ctx.status;
      }
    };
  }

  clear(): void {
    this.calls.length = 0;
    this.connections = 0;
  }
}
