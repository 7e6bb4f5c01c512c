const { projects } = require('../../jest.config.js');
const modules = require('./pure-modules.json');

const unit = projects.find(({ displayName }) => displayName === 'unit');

/**
 * The unit tests beside the modules that StrykerJS mutates. It wants one project, and runs all tests of it for each
 * mutant of a line that runs when the module is loaded: so there is nothing else in it.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...unit,
  displayName: undefined,
  // Stryker puts an environment of its own around this one, and does not know `<rootDir>`.
  testEnvironment: require.resolve('../jest/native-environment.js'),
  testMatch: modules.map((path) => `<rootDir>/${path}.test.ts`),
};
