import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDatabaseOptions, Model } from '@nocobase/database';
import type { ApplicationOptions, Plugin } from '@nocobase/server';
import { PACKAGE_NAME } from '../../src/shared/constants';
import { createDatabase, type Dialect, type TestDatabase } from './databases';
import { Logs } from './logs';

export const CLIENT_ID = 'dingemulatorapp0001';

interface More {
  /** In place of the options that a new database has. */
  database?: Partial<IDatabaseOptions>;
  /** Names of other plugins of NocoBase; with options, for example of one that is installed and disabled. */
  plugins?: (string | [string, { enabled: boolean }])[];
  /** See `createDatabase`. */
  charset?: 'utf8mb3';
  /** Another version of the plugin. */
  version?: typeof Plugin;
  /** One that the test drops itself, for example as several applications use it, as nodes or one after the other. */
  on?: TestDatabase;
  /** Whether NocoBase is in that database already. */
  isInstalled?: boolean;
  /** In place of one in this process, for nodes that share it. */
  cache?: ApplicationOptions['cacheManager'];
}

/** A real NocoBase application with the plugin, in this process, behind a real HTTP server. */
export async function startNocoBase(dialect: Dialect = 'sqlite', more: More = {}) {
  const { Application } = await import('@nocobase/server');
  const { default: PluginAuthDingTalk } = await import('../../src/server');
  const { plugins = [], version = PluginAuthDingTalk, isInstalled = false } = more;
  const database = more.on ?? (await createDatabase(dialect, more.charset));
  const app = new Application({
    name: 'main',
    // Of one name there is one application in a process. Nothing here asks the supervisor for one.
    skipSupervisor: isInstalled,
    database: { ...database.options, ...more.database },
    resourcer: { prefix: '/api' },
    acl: true,
    ...(more.cache && { cacheManager: more.cache }),
    logger: { request: { transports: ['file'], level: 'info' }, system: { transports: ['file'], level: 'info' } },
    plugins: [
      'field-sort',
      'error-handler',
      'data-source-main',
      'data-source-manager',
      'acl',
      'system-settings',
      'users',
      'auth',
      ...plugins,
      [version, { name: 'auth-dingtalk' }],
    ],
  });
  if (!isInstalled) {
    await app.runCommandThrowError('install', '-f');
  }
  await app.runCommandThrowError('start');
  app.i18n.addResources('en-US', PACKAGE_NAME, await import('../../src/locale/en-US.json'));
  app.i18n.addResources('zh-CN', PACKAGE_NAME, await import('../../src/locale/zh-CN.json'));

  // As NocoBase's gateway does it: a restart brings another callback.
  const server = http.createServer((request, response) => app.callback()(request, response)).listen(0, '127.0.0.1');
  // Longer than a client keeps a connection, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { db } = app;

  return {
    app,
    db,
    url,
    database,

    /** An authenticator as the administrator's settings form saves it. */
    async addAuthenticator(
      name: string,
      { enabled = true, authType = 'dingtalk', ...options }: AuthenticatorOptions = {},
    ) {
      const { autoSignup, autoSignIn, ...dingtalk } = options;
      return db.getRepository('authenticators').create({
        values: {
          name,
          authType,
          enabled,
          options: {
            public: { autoSignup, autoSignIn },
            dingtalk: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...dingtalk },
          },
        },
      });
    },

    addUser: (values: Record<string, unknown>): Promise<Model> => db.getRepository('users').create({ values }),

    countUsers: (): Promise<number> => db.getRepository('users').count(),

    bindings: async (): Promise<Binding[]> =>
      (await db.getRepository('usersAuthenticators').find({ sort: 'userId' })).map((row: Model) => row.toJSON()),

    /** Every row of every table, to see whether anything was changed. */
    async everything(): Promise<string> {
      const tables = [...db.collections.values()].map(async ({ name, model }) => [
        name,
        await model.findAll({ raw: true }),
      ]);
      return JSON.stringify(Object.fromEntries(await Promise.all(tables)));
    },

    logs: new Logs(String(process.env.STORAGE_PATH)),

    async stop() {
      server.closeAllConnections();
      server.close();
      await app.destroy();
      if (!more.on) {
        await database.drop();
      }
    },
  };
}

export const CLIENT_SECRET = 'emulator-secret-0001-not-a-real-one-9f3b7c21d8e64a50b7c1f2e3d4a5';

export interface AuthenticatorOptions {
  enabled?: boolean;
  authType?: string;
  autoSignup?: boolean;
  autoSignIn?: boolean;
  clientId?: string;
  clientSecret?: string;
  corpId?: string;
  matchByPhone?: string;
  protectedRoles?: string[];
  signUpWithoutPhone?: boolean;
  emailDomains?: string[];
  agentId?: string;
  first?: string;
  defaultRole?: string;
}

interface Binding {
  authenticator: string;
  userId: number | string;
  uuid: string;
  nickname: string;
  avatar: string;
  meta: Record<string, unknown>;
}

export type NocoBase = Awaited<ReturnType<typeof startNocoBase>>;
