import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { jsapiRoutes } from './client/jsapi';
import { controlRouter } from './control';
import { API_TYPE, respond, TOPAPI_TYPE } from './endpoint';
import { endpoints } from './endpoints';
import { errors, oldRequestId, Refusal } from './errors';
import { TRAP, withFaults } from './faults';
import { pause } from './faults/streams';
import { login, loginPaths } from './login';
import type { Recorder } from './recorder';
import type { World } from './world';

/** What becomes of a client that goes away is no error of the emulator. */
const isHangUp = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '');

const isControl = (path: string) => path.startsWith('/__emulator/') && path !== TRAP;

function unknownPath(ctx: Koa.Context): void {
  const { path } = ctx;
  if (path.startsWith('/topapi/'))
    respond(ctx, TOPAPI_TYPE, () => {
      throw errors.oldNoApi(path);
    });
  else
    respond(ctx, API_TYPE, () => {
      throw errors.noApi();
    });
}

/** Old paths outside /topapi check the token first, and do not wrap the error in 88. */
const oldPaths = ['/user/get', '/microapp/list'];

function dingtalkRouter(world: World): Router {
  const router = new Router({ strict: true, sensitive: true });
  for (const { name, method, path, contentType, answer } of endpoints)
    router[method](path, withFaults(world, name), (ctx) => respond(ctx, contentType, () => answer(ctx, world)));
  for (const path of loginPaths) {
    router.get(path, withFaults(world, 'auth'), (ctx) => login(ctx, world));
    router.post(path, withFaults(world, 'auth'), (ctx) => login(ctx, world));
  }
  jsapiRoutes(router, world);
  for (const path of oldPaths)
    router.all(path, (ctx) =>
      respond(ctx, TOPAPI_TYPE, () => {
        throw new Refusal(200, { errcode: 40014, errmsg: '不合法的access_token', request_id: oldRequestId() });
      }),
    );
  router.all(TRAP, (ctx) => {
    ctx.body = { trapped: true };
  });
  return router;
}

export function createApp(world: World, recorder: Recorder, reset: () => void): Koa {
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!isHangUp(error)) console.error(error);
  });
  app.use(recorder.middleware((ctx) => !isControl(ctx.path)));
  // A body that cannot be read counts as none.
  app.use(bodyParser({ enableTypes: ['json', 'form'], onError: (_error, ctx) => void (ctx.request.body = undefined) }));
  app.use(controlRouter(world, recorder, reset).routes());
  app.use(async (_ctx, next) => {
    const { latencyMs } = world.company.settings;
    if (latencyMs > 0) await pause(latencyMs);
    await next();
  });
  app.use(dingtalkRouter(world).routes());
  app.use(unknownPath);
  return app;
}
