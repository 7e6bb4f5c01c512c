import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where the NocoBase applications of one test file keep files and logs. */
export const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'auth-dingtalk-storage-'));

// A setup file of Jest's server lane: NocoBase reads these when it is first required.
Object.assign(process.env, {
  NODE_MODULES_PATH: path.resolve('node_modules'),
  STORAGE_PATH: storage,
  APP_ENV: 'production',
  APP_KEY: 'a key for tests that is long enough',
  APP_PUBLIC_PATH: '/',
  API_BASE_PATH: '/api/',
  PLUGIN_STATICS_PATH: '/static/plugins/',
  CDN_BASE_URL: '',
  DB_DIALECT: 'sqlite',
  INIT_LANG: 'en-US',
  INIT_ROOT_EMAIL: 'root@example.com',
  INIT_ROOT_USERNAME: 'root',
  INIT_ROOT_NICKNAME: 'Root',
  INIT_ROOT_PASSWORD: 'root-password',
  LOGGER_LEVEL: 'info',
  LOGGER_TRANSPORT: 'file',
  LOGGER_BASE_PATH: path.join(storage, 'logs'),
  TZ: 'UTC',
});
