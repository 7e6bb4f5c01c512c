/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  // Pure modules: what they decide follows from their arguments alone, so that unit tests can show every mutant.
  mutate: [
    'src/server/accounts/phone.ts',
    'src/server/authorization/return-path.ts',
    'src/server/configuration/settings.ts',
  ],
  testRunner: 'jest',
  jest: { configFile: 'testing/mutants/jest.pure.config.js' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // No types: a mutant that no compiler accepts is still one that a test can fail for.
  checkers: [],
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  tempDirName: '.nocobase/stryker',
  ignorePatterns: ['.nocobase', 'dist', 'docs', 'e2e', 'gallery', 'bench'],
  allowEmpty: false,
};
