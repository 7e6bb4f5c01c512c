const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const NativeEnvironment = require('../jest/native-environment');

/** Files and logs of the NocoBase applications that this worker starts. */
const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'auth-dingtalk-storage-'));
process.on('exit', () => fs.rmSync(storage, { recursive: true, force: true }));

/** NocoBase reads these when it is first loaded. */
const variables = {
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
};

/** NocoBase remarks on the loopback addresses of these tests, at length. What goes wrong goes to stderr and the logs. */
const silent = { log: () => undefined, warn: () => undefined };

/** The environment of the server lane, in which NocoBase and every other package is loaded once for a worker. */
module.exports = class NocoBaseEnvironment extends NativeEnvironment {
  constructor(config, context) {
    super(config, context);
    this.consoleBefore = { ...console };
    Object.assign(process.env, variables);
    // What NocoBase prints goes through the console of the file, on which a test can spy.
    const { console: ofFile } = this.global;
    Object.assign(ofFile, silent);
    Object.assign(console, silent, { error: (...values) => ofFile.error(...values) });
  }

  async teardown() {
    Object.assign(console, this.consoleBefore);
    await super.teardown();
  }
};
