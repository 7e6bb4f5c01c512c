import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expectOk, requester, type Request } from './api';
import { serverEnvironment, type Environment } from './environment';
import { freePort } from './ports';
import { startServer } from './server-process';
import { copyTemplate, FRESH, pluginsOf, saveTemplate } from './template';
import { prepareWorkspace, unpackPlugin } from './workspace';

const SECONDS_TO_START = 180;

interface NocoBaseOptions {
  /** The folder of the instance; kept, so that its next start is quick. */
  dir: string;
  /** Default: a free one. */
  port?: number;
  /** A packed archive or an unpacked package folder; it is enabled as an administrator enables it. */
  plugin?: string;
  /** Packages of NocoBase that an administrator enabled as well. */
  more?: string[];
  /** What would stand in NocoBase's `.env` (APP_PUBLIC_PATH, DB_DIALECT, DINGTALK_API_URL, …). */
  env?: Environment;
  /** The template that a new SQLite instance begins with, where there is one of this name. Default: a fresh database. */
  template?: string;
  /** The packages of NocoBase's plugins that are there. Default: those of the template. */
  plugins?: readonly string[] | 'all';
  progress?: (message: string) => void;
}

/** A NocoBase that answers, in whatever process. */
export interface NocoBaseServer {
  /** Without a slash at the end: `<url>/signin`, `<url>/v/signin`, `<apiUrl>/auth:signIn`. */
  url: string;
  apiUrl: string;
  dir: string;
  /** The file with everything that the server printed. */
  log: string;
  rootLogin: { email: string; password: string };
  request: Request;
  signInAsRoot(): Promise<string>;
}

export interface NocoBaseProcess extends NocoBaseServer {
  pid: number;
  /** As `docker restart` does it: the same folder and port, a new process. */
  restart(): Promise<void>;
  /** Resolves when the server is gone, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
  /** Lets this process end while NocoBase runs, which then ends as well. */
  unref(): void;
}

/** Starts a real NocoBase server of the version in node_modules. */
export async function startNocoBaseProcess(options: NocoBaseOptions): Promise<NocoBaseProcess> {
  const dir = path.resolve(options.dir);
  const port = options.port ?? (await freePort());
  const env = serverEnvironment(dir, port, options.env ?? {});
  const progress = options.progress ?? (() => undefined);

  const template = options.template ?? FRESH;
  const plugins = options.plugins ?? (await pluginsOf(template)) ?? 'all';
  await prepareWorkspace(dir, env, plugins);
  const plugin = options.plugin === undefined ? undefined : await unpackPlugin(options.plugin, env);
  const database = await prepareDatabase(dir, env, template);
  progress(database === 'empty' ? 'NocoBase sets up its database and starts (30 s)' : 'NocoBase starts (15 s)');

  const log = path.join(dir, 'nocobase.log');
  await rm(log, { force: true });
  let server = startServer(dir, env, database === 'empty' ? ['start', '--quickstart'] : ['start'], log);
  const url = `http://127.0.0.1:${port}${env.APP_PUBLIC_PATH.replace(/\/$/, '')}`;
  const apiUrl = `http://127.0.0.1:${port}${env.API_BASE_PATH.replace(/\/$/, '')}`;
  const rootLogin = { email: env.INIT_ROOT_EMAIL, password: env.INIT_ROOT_PASSWORD };
  const reached = serverAt({ url, apiUrl, dir, log, rootLogin });
  const { request } = reached;
  const healthy = () => isHealthy(request);
  try {
    await server.ready(healthy, SECONDS_TO_START);
    await writeFile(markerFile(dir), identity(env));
    if (database === 'empty' && env.DB_DIALECT === 'sqlite') {
      await saveTemplate(FRESH, env);
    }
    for (const name of [...(options.more ?? []), ...(plugin ? [plugin.name] : [])]) {
      if (!(await isEnabled(request, name))) {
        progress(`NocoBase enables ${name}`);
        await enable(request, name, await reached.signInAsRoot());
        await server.ready(async () => (await healthy()) && isEnabled(request, name), SECONDS_TO_START);
      }
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  const stop = () => server.stop();
  const restart = async () => {
    await stop();
    server = startServer(dir, env, ['start'], log);
    await server.ready(healthy, SECONDS_TO_START);
  };
  return {
    ...reached,
    restart,
    stop,
    unref: () => server.unref(),
    get pid() {
      return server.pid;
    },
    get ended() {
      return server.ended;
    },
  };
}

/** Where a NocoBase runs is all that it takes to speak to it, also from another process than the one that started it. */
export function serverAt(place: Omit<NocoBaseServer, 'request' | 'signInAsRoot'>): NocoBaseServer {
  const request = requester(place.apiUrl);
  return {
    ...place,
    request,
    async signInAsRoot() {
      const values = { account: place.rootLogin.email, password: place.rootLogin.password };
      const signIn = request<{ token: string }>('auth:signIn', { values, headers: { 'X-Authenticator': 'basic' } });
      return (await expectOk('Signing in as the administrator', signIn)).token;
    },
  };
}

/** Names the database that is known to be complete. */
function markerFile(dir: string): string {
  return path.join(dir, 'installed');
}

function identity(env: Environment): string {
  return ['DIALECT', 'STORAGE', 'HOST', 'PORT', 'DATABASE', 'SCHEMA'].map((name) => env[`DB_${name}`] ?? '').join('\n');
}

async function prepareDatabase(dir: string, env: Environment, template: string): Promise<'installed' | 'empty'> {
  const installed = await readFile(markerFile(dir), 'utf8').catch(() => undefined);
  if (installed === identity(env)) {
    return 'installed';
  }
  if (env.DB_DIALECT !== 'sqlite') {
    return 'empty';
  }
  // What an interrupted installation left behind is of no use.
  await rm(env.DB_STORAGE, { force: true });
  return (await copyTemplate(template, env)) ? 'installed' : 'empty';
}

/** Whether it answers, which it does not while it starts or is at work on its plugins. */
export async function isHealthy(request: Request): Promise<boolean> {
  return (await request('__health_check')).status === 200;
}

/** Whether a plugin is enabled, by the name of its package. */
export async function isEnabled(request: Request, name: string): Promise<boolean> {
  const enabled = await expectOk('Listing plugins', request<{ packageName: string }[]>('pm:listEnabled'));
  return enabled.some(({ packageName }) => packageName === name);
}

/** The request that the plugin manager's switch sends. */
async function enable(request: Request, name: string, token: string): Promise<void> {
  const action = `pm:enable?filterByTk=${encodeURIComponent(name)}&awaitResponse=true`;
  await expectOk(`Enabling ${name}`, request(action, { method: 'POST', token }));
}
