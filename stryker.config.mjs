import modules from './testing/mutants/pure-modules.json' with { type: 'json' };

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  // Pure modules: what they decide follows from their arguments alone, so that unit tests can show every mutant.
  mutate: modules.map((path) => `${path}.ts`),
  testRunner: 'jest',
  jest: { configFile: 'testing/mutants/jest.pure.config.js' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  tempDirName: '.nocobase/stryker',
  ignorePatterns: ['.nocobase', 'dist', 'docs', 'e2e', 'gallery', 'bench'],
};
