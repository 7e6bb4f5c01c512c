/* global beforeEach, expect */
// A plain script, as Jest loads it in every environment. It is the first `beforeEach` of every file, and Jest runs none
// where the file could not be loaded or a `beforeAll` failed.
const fs = require('node:fs');

beforeEach(() => fs.appendFileSync(process.env.MUTANTS_STARTED_TESTS, `${expect.getState().currentTestName}\n`));
