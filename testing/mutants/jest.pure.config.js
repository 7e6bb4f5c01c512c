const { projects } = require('../../jest.config.js');

const unit = projects.find(({ displayName }) => displayName === 'unit');

/**
 * The unit tests beside the modules that `stryker.config.mjs` mutates. Stryker wants one project, and runs its whole
 * test suite once for each mutant that it cannot tie to a test: so there is nothing else in it.
 *
 * @type {import('jest').Config}
 */
module.exports = { ...unit, displayName: undefined, roots: ['<rootDir>/src/server', '<rootDir>/src/shared'] };
