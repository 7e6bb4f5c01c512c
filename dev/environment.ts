import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT_LOGIN = { email: 'admin@nocobase.com', password: 'admin123' };

const KEPT_OF_THE_SHELL = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'];

export type Environment = Record<string, string>;

/**
 * What NocoBase's command line (`initEnv` of @nocobase/cli-v1) would hand to the server. One difference: Node resolves
 * symbolic links to real paths here. With `--preserve-symlinks`, linked packages are loaded twice, once by each path.
 */
export function serverEnvironment(dir: string, port: number, extra: Environment): Environment {
  const storage = path.join(dir, 'storage');
  const env: Environment = {
    NODE_ENV: 'production',
    APP_ENV: 'production',
    APP_KEY: 'only-for-development',
    APP_HOST: '127.0.0.1',
    APP_PUBLIC_PATH: '/',
    APP_MODERN_CLIENT_PREFIX: 'v',
    APP_CLIENT_ENTRY_MODE: 'legacy-default',
    API_BASE_PATH: '/api/',
    WS_PATH: '/ws',
    PLUGIN_STATICS_PATH: '/static/plugins/',
    API_CLIENT_STORAGE_PREFIX: 'NOCOBASE_',
    API_CLIENT_STORAGE_TYPE: 'localStorage',
    API_CLIENT_SHARE_TOKEN: 'false',
    ESM_CDN_BASE_URL: 'https://esm.sh',
    PLUGIN_PACKAGE_PREFIX: '@nocobase/plugin-,@nocobase/plugin-sample-,@nocobase/preset-',
    CACHE_DEFAULT_STORE: 'memory',
    CACHE_MEMORY_MAX: '2000',
    DEFAULT_STORAGE_TYPE: 'local',
    DB_DIALECT: 'sqlite',
    DB_STORAGE: path.join(storage, 'db', 'nocobase.sqlite'),
    // NocoBase refuses to start when these two disagree.
    TZ: 'UTC',
    DB_TIMEZONE: '+00:00',
    TELEMETRY_ENABLED: 'off',
    DISABLE_PKG_DOWNLOAD: 'true',
    INIT_ROOT_EMAIL: ROOT_LOGIN.email,
    INIT_ROOT_PASSWORD: ROOT_LOGIN.password,
    INIT_ROOT_NICKNAME: 'Administrator',
    INIT_ROOT_USERNAME: 'nocobase',
    ...fromShell(),
    ...extra,
    APP_PORT: String(port),
    APP_PACKAGE_ROOT: path.join(dir, 'app'),
    NODE_MODULES_PATH: path.join(dir, 'node_modules'),
    NODE_PATH: path.join(dir, 'node_modules'),
    STORAGE_PATH: storage,
    PLUGIN_STORAGE_PATH: path.join(storage, 'plugins'),
    LOCAL_STORAGE_DEST: path.join(storage, 'uploads'),
    SOCKET_PATH: socketPath(dir),
  };
  const publicPath = env.APP_PUBLIC_PATH.replace(/\/$/, '');
  for (const name of ['API_BASE_PATH', 'WS_PATH', 'PLUGIN_STATICS_PATH']) {
    env[name] = publicPath + env[name];
  }
  env.CDN_BASE_URL ??= publicPath && env.APP_PUBLIC_PATH;
  return env;
}

/** Has the plugin ask another address than DingTalk's own, in all three parts of its API. */
export function dingTalkHosts(url: string): Environment {
  return { DINGTALK_LOGIN_URL: url, DINGTALK_API_URL: url, DINGTALK_OAPI_URL: url };
}

function fromShell(): Environment {
  const kept = KEPT_OF_THE_SHELL.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept);
}

/** Operating systems allow about 100 characters for the path of a socket. */
function socketPath(dir: string): string {
  const socket = path.join(dir, 'ipc.sock');
  if (socket.length < 100) {
    return socket;
  }
  return path.join(tmpdir(), `nocobase-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}.sock`);
}
