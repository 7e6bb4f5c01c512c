const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * How long the files of the browser lane take on two cores, to the nearest ten, without what is built before the first of
 * them. To be looked at when one has changed.
 */
const SECONDS = {
  'e2e/deployments.browser.test.ts': 60,
  'e2e/dingtalk-client.browser.test.ts': 40,
  'e2e/directory.browser.test.ts': 80,
  'e2e/inside-dingtalk.browser.test.ts': 110,
  'e2e/linking.browser.test.ts': 100,
  'e2e/notifications.browser.test.ts': 40,
  'e2e/package.browser.test.ts': 50,
  'e2e/settings.browser.test.ts': 40,
  'e2e/sign-in.browser.test.ts': 50,
  'e2e/size.browser.test.ts': 40,
  'e2e/upgrade.browser.test.ts': 80,
  'gallery/gallery.browser.test.ts': 120,
};

/** Of other files by their size, as seconds for each kilobyte of source. */
const SECONDS_OF_KILOBYTE = { browser: 10, long: 10, server: 1, unit: 0.1 };

/**
 * Decides the order by what a fresh clone knows. Jest's own order goes by the times of the run before, which are missing
 * in a fresh clone; there the longest browser file would start last and alone.
 *
 * The longest file goes first, but beside a browser file one of another lane: two browsers with a NocoBase each are more
 * than two cores can serve, and pages would wait for each other. So the order is the one in which workers that take as
 * long as is said here would ask for the next file.
 */
module.exports = class LaneSequencer extends Sequencer {
  sort(tests) {
    const waiting = [...tests].sort((one, other) => seconds(other) - seconds(one));
    const workers = Array.from({ length: WORKERS }, () => ({ until: 0, test: undefined }));
    return tests.map(() => {
      const free = workers.reduce((one, other) => (other.until < one.until ? other : one));
      const besideBrowser = workers.some((worker) => worker !== free && isOfBrowser(worker.test));
      const found = waiting.findIndex((test) => isOfBrowser(test) !== besideBrowser);
      const [test] = waiting.splice(Math.max(found, 0), 1);
      free.until += seconds(test);
      free.test = test;
      return test;
    });
  }
};

/** As in jest.config.js. */
const WORKERS = 2;

const laneOf = (test) => test.context.config.displayName?.name;
const isOfBrowser = (test) => test !== undefined && laneOf(test) === 'browser';

function seconds(test) {
  const known = SECONDS[path.relative(path.join(__dirname, '..', '..'), test.path)];
  const kilobytes = (test.context.hasteFS.getSize(test.path) ?? 0) / 1024;
  return known ?? kilobytes * (SECONDS_OF_KILOBYTE[laneOf(test)] ?? 1);
}

module.exports.SECONDS = SECONDS;
