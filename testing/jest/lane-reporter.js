const SLOWEST = 10;

/**
 * Prints, after Jest's own summary, the time and the slowest tests of each lane, and as the very last line the counts.
 * In CI a skipped test fails the run: a database that cannot be reached must not look like a database that was tested.
 */
module.exports = class LaneReporter {
  lanes = new Map();
  skipped = [];

  constructor({ json, testNamePattern }) {
    // With `--json` standard output is the report.
    this.output = json ? process.stderr : process.stdout;
    // With `-t` whatever has another name counts as skipped, which was asked for.
    this.selects = Boolean(testNamePattern);
  }

  onTestResult(test, { perfStats, testResults }) {
    const name = test.context.config.displayName?.name ?? 'tests';
    const lane = this.lanes.get(name) ?? { files: 0, spent: 0, began: Infinity, ended: 0, tests: [] };
    this.lanes.set(name, lane);
    lane.files += 1;
    lane.spent += perfStats.end - perfStats.start;
    lane.began = Math.min(lane.began, perfStats.start);
    lane.ended = Math.max(lane.ended, perfStats.end);
    lane.tests.push(...testResults.filter(({ duration }) => typeof duration === 'number'));
    if (!this.selects) {
      this.skipped.push(...testResults.filter(({ status }) => status === 'pending' || status === 'todo'));
    }
  }

  onRunComplete(_, counts) {
    // Jest puts its own summary behind all reporters, and only the end of the process is later than that.
    process.once('exit', () => this.conclude(counts));
  }

  conclude({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    for (const [name, lane] of this.lanes) {
      const times = `${seconds(lane.spent)} of work within ${seconds(lane.ended - lane.began)}`;
      this.print(`\n${name}: ${lane.tests.length} tests in ${lane.files} files, ${times}; the slowest:`);
      const slowest = [...lane.tests].sort((one, other) => other.duration - one.duration).slice(0, SLOWEST);
      for (const { duration, fullName } of slowest) {
        this.print(`${seconds(duration).padStart(8)}  ${fullName}`);
      }
    }
    for (const { fullName } of this.skipped) {
      this.print(`\nskipped: ${fullName}`);
    }
    // A file that cannot be loaded has no tests that could fail.
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = this.skipped.length > 0 ? `, ${this.skipped.length} skipped` : '';
    this.print(`\n${numPassedTests} passed, ${failed} failed${skipped}`);
  }

  print(line) {
    this.output.write(`${line}\n`);
  }

  getLastError() {
    if (process.env.CI && this.skipped.length > 0) {
      return new Error(`${this.skipped.length} tests were skipped, which fails a run in CI.`);
    }
    return undefined;
  }
};

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
