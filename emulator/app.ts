import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { appTokenEndpoints } from './authentication/app-token';
import { answerSignInPage, signInPaths } from './authentication/sign-in';
import { userTokenEndpoints } from './authentication/user-token';
import { jsapiRoutes } from './client/jsapi';
import { accountEndpoints } from './contacts/account';
import { appScopeEndpoints } from './contacts/app-scopes';
import { departmentMemberEndpoints } from './contacts/department-members';
import { departmentEndpoints } from './contacts/departments';
import { leaverEndpoints } from './contacts/leavers';
import { memberEndpoints } from './contacts/members';
import { type Control, controlRouter } from './control';
import { failedListEndpoints } from './events/failed-list';
import { GATEWAY, gatewayEndpoint, inXmlUnlessAsked } from './events/gateway';
import { TRAP, withFaults } from './faults';
import { pause } from './faults/streams';
import { API_CONTENT_TYPE, OAPI_CONTENT_TYPE, parametersOf, respond } from './http/endpoint';
import { errors } from './http/errors';
import { withThrottle } from './http/throttle';
import type { EndpointName } from './platform/names';
import type { Platform } from './platform/platform';
import { workNotificationEndpoints } from './work-notifications/endpoints';

const endpoints = [
  ...userTokenEndpoints,
  ...appTokenEndpoints,
  ...accountEndpoints,
  ...memberEndpoints,
  ...departmentEndpoints,
  ...departmentMemberEndpoints,
  ...appScopeEndpoints,
  ...leaverEndpoints,
  gatewayEndpoint,
  ...failedListEndpoints,
  ...workNotificationEndpoints,
];

/** A caller that closes its connection is no fault of the emulator, and would fill the log of a test run. */
const isHangUp = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '');

const isControl = (path: string) => path.startsWith('/__emulator/') && path !== TRAP;

function answerUnknownPath(ctx: Koa.Context): void {
  const { path } = ctx;
  const isOapi = path.startsWith('/topapi/');
  respond(ctx, isOapi ? OAPI_CONTENT_TYPE : API_CONTENT_TYPE, () => {
    throw isOapi ? errors.oapiNoApi(path) : errors.noApi();
  });
}

/** Paths of the old API outside /topapi: they check the token first, and do not wrap the error in 88. */
const legacyPaths = ['/user/get', '/microapp/list'];

const withHooks =
  (platform: Platform, endpoint: EndpointName): Koa.Middleware =>
  async (ctx, next) => {
    await platform.hooks.run(endpoint, parametersOf(ctx));
    await next();
  };

function dingtalkRouter(platform: Platform): Router {
  const router = new Router({ strict: true, sensitive: true });
  router.post(GATEWAY, inXmlUnlessAsked);
  for (const endpoint of endpoints) {
    const { name, method, path, contentType, answer } = endpoint;
    const before = [withThrottle(platform, endpoint), withHooks(platform, name), withFaults(platform, name)];
    router[method](path, ...before, (ctx) => respond(ctx, contentType, () => answer(ctx, platform)));
  }
  for (const path of signInPaths) {
    router.get(path, withFaults(platform, 'auth'), (ctx) => answerSignInPage(ctx, platform));
    router.post(path, withFaults(platform, 'auth'), (ctx) => answerSignInPage(ctx, platform));
  }
  jsapiRoutes(router, platform);
  for (const path of legacyPaths) {
    router.all(path, (ctx) =>
      respond(ctx, OAPI_CONTENT_TYPE, () => {
        throw errors.legacyBadToken();
      }),
    );
  }
  router.all(TRAP, (ctx) => {
    ctx.body = { trapped: true };
  });
  return router;
}

export function createApp(control: Control): Koa {
  const { platform, recorder } = control;
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!isHangUp(error)) {
      console.error(error);
    }
  });
  app.use(recorder.middleware((ctx) => !isControl(ctx.path)));
  // A body that cannot be read counts as none.
  app.use(bodyParser({ enableTypes: ['json', 'form'], onError: (_error, ctx) => void (ctx.request.body = undefined) }));
  app.use(controlRouter(control).routes());
  app.use(async (_ctx, next) => {
    const { latencyMs } = platform.data.settings;
    if (latencyMs > 0) {
      await pause(latencyMs);
    }
    await next();
  });
  app.use(dingtalkRouter(platform).routes());
  app.use(answerUnknownPath);
  return app;
}
