const swc = ['@swc/jest', { jsc: { target: 'es2022', transform: { react: { runtime: 'automatic' } } } }];
const transform = { '\\.tsx?$': swc };

/** A lane is in a test file's name: `x.server.test.ts`. What names none is of the unit lane. */
const lane = (displayName, more = {}) => ({
  displayName,
  rootDir: __dirname,
  testMatch: [`**/*.${displayName}.test.{ts,tsx}`],
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.nocobase/', '<rootDir>/dist/'],
  watchPathIgnorePatterns: ['<rootDir>/.nocobase/', '<rootDir>/dist/'],
  transform,
  ...more,
});

const NATIVE = '<rootDir>/testing/jest/native-transform.js';

/** NocoBase and all other packages are loaded once for all test files of a worker. */
const withNocoBase = {
  testEnvironment: '<rootDir>/testing/nocobase/jest-environment.js',
  transform: { ...transform, '/node_modules/(?!@?jest)[^/]+/.*\\.c?js$': NATIVE },
  transformIgnorePatterns: [],
};

/** Files of the server lane with tests that a push leaves out on a database: see `describeOnSqliteAnd`. */
const ON_MORE_DATABASES = [
  ...['default-role', 'matching', 'new-user', 'notice'].map((name) => `accounts/${name}`),
  'configuration/saving',
  'directory/write/write-faults',
  ...['events', 'gone-sources', 'worker'].map((name) => `events/${name}`),
  'linking/blocks',
  ...['run', 'schedule'].map((name) => `sync/${name}`),
].map((name) => `<rootDir>/src/server/${name}.server.test.ts`);

/** @type {import('jest').Config} */
module.exports = {
  // Real servers and browsers start in these tests, on machines that may be busy.
  testTimeout: 60_000,
  // Jest's default is one worker less than there are cores, which on two cores is one.
  maxWorkers: 2,
  testSequencer: '<rootDir>/testing/jest/lane-sequencer.js',
  reporters: ['default', '<rootDir>/testing/jest/lane-reporter.js'],
  projects: [
    lane('unit', {
      testEnvironment: '<rootDir>/testing/jest/native-environment.js',
      // For code of the server. Tests of clients, in jsdom, import nothing of it. The slugger has ES modules only.
      transform: { ...transform, '/node_modules/@nocobase/utils/.*\\.js$': NATIVE, '/github-slugger/.+\\.js$': swc },
      transformIgnorePatterns: ['/node_modules/(?!@nocobase/utils/|github-slugger/)'],
      moduleNameMapper: { '^(antd|@ant-design/icons)$': '<rootDir>/testing/client/antd.js' },
      testMatch: ['**/*.test.{ts,tsx}'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(server|browser|long)\\.test\\.tsx?$'],
    }),
    lane('server', withNocoBase),
    lane('browser'),
    lane('long', {
      ...withNocoBase,
      testMatch: ['**/*.long.test.ts', '**/*.fuzz.test.ts', '**/*.fuzz.server.test.ts', ...ON_MORE_DATABASES],
      globals: { fuzzFactor: 5, isLongLane: true },
    }),
    // The same files as in the lane of browsers, with what a push leaves out: see testing/nightly.ts.
    lane('long', { testMatch: ['**/e2e/*.browser.test.ts'], globals: { isLongLane: true } }),
  ],
};
