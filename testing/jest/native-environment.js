const { TestEnvironment } = require('jest-environment-node');

/**
 * Lets test files have packages that Node loads itself, once for all files of a worker, see native-transform.js. Jest
 * gives each file a registry of modules of its own, so that each file would load NocoBase anew: eight seconds and more.
 *
 * Such a package lives outside of the test file's realm: `error instanceof Error` is false in the file for an error that
 * the package made.
 */
module.exports = class NativeEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.nativeRequire = require;
    this.variablesBefore = { ...process.env };
    // Jest would give the file a copy, which such a package does not see.
    this.global.process.env = process.env;
  }

  async setup() {
    await super.setup();
    // Jest wants a hundred. Sequelize takes a stack of every statement, and Jest maps each line of it to its source.
    Error.stackTraceLimit = 10;
  }

  async teardown() {
    const names = Object.keys(process.env).filter((name) => !(name in this.variablesBefore));
    names.forEach((name) => Reflect.deleteProperty(process.env, name));
    Object.assign(process.env, this.variablesBefore);
    await super.teardown();
  }
};
