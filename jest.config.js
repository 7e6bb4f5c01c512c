const transform = {
  '\\.tsx?$': ['@swc/jest', { jsc: { target: 'es2022', transform: { react: { runtime: 'automatic' } } } }],
};

/** The four kinds of tests; a later kind needs more of the world to be real. */
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  rootDir: __dirname,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.nocobase/', '<rootDir>/dist/'],
  transform,
  ...more,
});

/** @type {import('jest').Config} */
module.exports = {
  // Real servers and browsers start in these tests, on machines that may be busy.
  testTimeout: 60_000,
  projects: [
    project('unit', ['src/**/*.test.{ts,tsx}', 'build/**/*.test.ts', 'bench/**/*.test.ts', 'docs/*.test.ts'], {
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/src/server/dingtalk/', '<rootDir>/src/server/__tests__/'],
    }),
    project('emulator', ['emulator/**/*.test.ts', 'src/server/dingtalk/*.test.ts']),
    project('nocobase', ['src/server/__tests__/**/*.test.ts'], {
      setupFilesAfterEnv: ['<rootDir>/src/server/__tests__/support/quiet.js'],
    }),
    project('browser', ['e2e/**/*.test.ts']),
  ],
};
