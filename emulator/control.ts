import Router from '@koa/router';
import { z } from 'zod';
import { scriptOf } from './client/script';
import { workbenchRoutes } from './client/workbench';
import { parseCompany } from './company';
import { mergeCompany } from './merge';
import type { Recorder } from './recorder';
import type { World } from './world';

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

/** For other processes what the object of `startEmulator` is for its own. */
export function controlRouter(world: World, recorder: Recorder, reset: () => void): Router {
  const router = new Router({ prefix: '/__emulator' });

  router.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = 400;
      ctx.body = { error: error instanceof Error ? error.message : String(error) };
    }
  });

  router.get('/company', (ctx) => {
    ctx.body = world.company;
  });
  router.put('/company', (ctx) => {
    world.replace(parseCompany(ctx.request.body));
    ctx.body = world.company;
  });
  router.patch('/company', (ctx) => {
    world.replace(mergeCompany(world.company, ctx.request.body));
    ctx.body = world.company;
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
    ctx.body = { code: request.kind === 'jsapi' ? world.jsapiCode(request) : world.authorize(request) };
  });

  router.put('/clients/:id', (ctx) => {
    ctx.body = world.putClient(String(ctx.params.id), ctx.request.body as object);
  });
  router.get('/clients/:id.js', (ctx) => {
    const id = String(ctx.params.id);
    const client = world.client(id);
    if (!client) throw new Error(`No client has the id "${id}"`);
    ctx.type = 'text/javascript;charset=utf-8';
    ctx.body = scriptOf(client, `http://${ctx.host}`);
  });
  workbenchRoutes(router, world);
  return router;
}
