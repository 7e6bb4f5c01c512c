import Router from '@koa/router';
import { z } from 'zod';
import { scriptOf } from './client/script';
import { workbenchRoutes } from './client/workbench';
import { addressBookRoutes, changeAndWait } from './events/address-book-page';
import { type Events, parseNewEvent } from './events/events';
import { parseData } from './platform/data';
import { mergeData } from './platform/merge';
import type { Recorder } from './recorder';
import type { Platform } from './platform/platform';
import { inboxRoutes } from './work-notifications/inbox-page';

const codeRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('jsapi'), clientId: z.string(), account: z.string(), corpId: z.string() }),
  z.strictObject({
    kind: z.literal('oauth'),
    clientId: z.string(),
    account: z.string(),
    scope: z.string().optional(),
    corpId: z.string().optional(),
  }),
]);

const streamRequest = z.strictObject({
  action: z.enum(['disconnect', 'silence', 'drop', 'ping', 'send', 'hurry']),
  clientId: z.string().optional(),
  reason: z.string().optional(),
  text: z.string().optional(),
});

/** The rest is the change itself. */
const changeBody = z.looseObject({ waitMs: z.number().nonnegative().default(0) });

export interface Control {
  platform: Platform;
  recorder: Recorder;
  events: Events;
  reset: () => void;
  /** See `EmulatorOptions`. */
  openCommand?: string;
}

/** Gives other processes what the object of `startEmulator` gives to its own. */
export function controlRouter({ platform, recorder, events, reset, openCommand }: Control): Router {
  const router = new Router({ prefix: '/__emulator' });

  router.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = 400;
      const { message, cause } = error instanceof Error ? error : new Error(String(error));
      ctx.body = { error: message, ...(typeof cause === 'string' && { reason: cause }) };
    }
  });

  router.get('/data', (ctx) => {
    ctx.body = platform.data;
  });
  router.put('/data', (ctx) => {
    platform.replace(parseData(ctx.request.body));
    ctx.body = platform.data;
  });
  router.patch('/data', (ctx) => {
    platform.replace(mergeData(platform.data, ctx.request.body));
    ctx.body = platform.data;
  });

  router.get('/calls', (ctx) => {
    ctx.body = { calls: recorder.calls, connections: recorder.connections };
  });
  router.delete('/calls', (ctx) => {
    recorder.clear();
    ctx.status = 204;
  });
  router.post('/reset', (ctx) => {
    reset();
    ctx.status = 204;
  });
  router.post('/codes', (ctx) => {
    const request = codeRequest.parse({ kind: 'oauth', ...(ctx.request.body as object) });
    ctx.body = { code: request.kind === 'jsapi' ? platform.jsapiCode(request) : platform.authorize(request) };
  });

  router.put('/clients/:id', (ctx) => {
    ctx.body = platform.putClient(String(ctx.params.id), ctx.request.body as object);
  });
  router.get('/clients/:id.js', async (ctx) => {
    const id = String(ctx.params.id);
    const client = platform.client(id);
    if (!client) {
      throw new Error(`No client has the id "${id}"`);
    }
    ctx.type = 'text/javascript;charset=utf-8';
    ctx.body = await scriptOf(client, `http://${ctx.host}`);
  });

  router.get('/events', (ctx) => {
    ctx.body = { events: events.log.events, connections: events.stream.connections };
  });
  router.post('/events', (ctx) => {
    ctx.body = events.send(parseNewEvent(ctx.request.body));
  });
  router.delete('/events', (ctx) => {
    events.log.clear();
    ctx.status = 204;
  });
  router.post('/stream', (ctx) => {
    const { action, clientId, reason, text } = streamRequest.parse(ctx.request.body);
    const { stream } = events;
    ({
      disconnect: () => stream.disconnect({ clientId, reason }),
      silence: () => stream.silence(clientId),
      drop: () => stream.drop(clientId),
      ping: () => stream.ping(clientId),
      send: () => stream.sendText(text ?? '', clientId),
      hurry: () => events.hurry(),
    })[action]();
    ctx.status = 204;
  });
  router.put('/apps/:clientId/callback', async (ctx) => {
    await events.pushes.save(String(ctx.params.clientId), ctx.request.body);
    ctx.status = 204;
  });
  router.delete('/apps/:clientId/callback', (ctx) => {
    events.pushes.remove(String(ctx.params.clientId));
    ctx.status = 204;
  });
  router.post('/changes', async (ctx) => {
    const { waitMs, ...change } = changeBody.parse(ctx.request.body);
    ctx.body = { events: await changeAndWait(platform, events, change, waitMs) };
  });
  addressBookRoutes(router, platform, events);
  inboxRoutes(router, platform);
  workbenchRoutes(router, platform, openCommand);
  return router;
}
