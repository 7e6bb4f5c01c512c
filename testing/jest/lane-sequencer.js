const { default: Sequencer } = require('@jest/test-sequencer');

/** Longest lane first. What is of no lane named here comes last. */
const LANES = ['browser', 'server', 'unit'];

/**
 * Decides the order by what a fresh clone knows: the lane and the size of a file. Jest's own order goes by the times of
 * the run before, which are missing in a fresh clone; there the longest browser file would start last and alone.
 *
 * Browser files alternate with the others, so that of two workers one drives a browser and one does not: two browsers
 * with a NocoBase each are more than two cores can serve, and pages would wait for each other.
 */
module.exports = class LaneSequencer extends Sequencer {
  sort(tests) {
    const ordered = [...tests].sort((one, other) => rank(one) - rank(other) || size(other) - size(one));
    const browser = ordered.filter((test) => laneOf(test) === 'browser');
    const others = ordered.filter((test) => laneOf(test) !== 'browser');
    return ordered.map((_, index) => {
      const [first, second] = index % 2 === 0 ? [browser, others] : [others, browser];
      return first.shift() ?? second.shift();
    });
  }
};

function laneOf(test) {
  return test.context.config.displayName?.name;
}

function rank(test) {
  const place = LANES.indexOf(laneOf(test));
  return place === -1 ? LANES.length : place;
}

function size(test) {
  return test.context.hasteFS.getSize(test.path) ?? 0;
}
