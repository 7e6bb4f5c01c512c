const transform = {
  '\\.tsx?$': ['@swc/jest', { jsc: { target: 'es2022', transform: { react: { runtime: 'automatic' } } } }],
};

/** A lane is in a test file's name: `x.server.test.ts`. What names none is of the unit lane. */
const lane = (displayName, more = {}) => ({
  displayName,
  rootDir: __dirname,
  testMatch: [`**/*.${displayName}.test.{ts,tsx}`],
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.nocobase/', '<rootDir>/dist/'],
  transform,
  ...more,
});

/** NocoBase reads its environment when it is first required, so it is set before a test file is loaded. */
const withNocoBase = {
  setupFiles: ['<rootDir>/testing/nocobase/environment.ts'],
  setupFilesAfterEnv: ['<rootDir>/testing/nocobase/quiet.js'],
};

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
      moduleNameMapper: { '^(antd|@ant-design/icons)$': '<rootDir>/testing/client/antd.js' },
      testMatch: ['**/*.test.{ts,tsx}'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(server|browser|long)\\.test\\.tsx?$'],
    }),
    lane('server', withNocoBase),
    lane('browser'),
    lane('long', withNocoBase),
  ],
};
