import path from 'node:path';

/** NocoBase reads these when it is first loaded. */
export const environmentOf = (storage: string) => ({
  NODE_MODULES_PATH: path.resolve('node_modules'),
  STORAGE_PATH: storage,
  APP_ENV: 'production',
  APP_KEY: 'a key for measurements that is long enough',
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
