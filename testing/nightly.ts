/** Set by jest.config.js for the long lane, which runs the files `e2e/*.browser.test.ts` too, and some of the server lane. */
export const isLongLane = (globalThis as { isLongLane?: boolean }).isLongLane === true;

/** As `describe`: tests that a push leaves to the long lane. Beside them stands what fails in a push for the same fault. */
export function describeNightly(name: string, tests: () => void): void {
  if (isLongLane) {
    describe(name, tests);
  }
}

/** What a push does once, and the long lane in all the ways that there are. */
export const onceOfAll = <T>(pushed: T, all: readonly T[]): readonly T[] => (isLongLane ? all : [pushed]);

interface Named {
  client: 'v1' | 'v2';
}

/**
 * Tests that hold in both of NocoBase's clients. A push runs each of them in the client that is named, in turn, as the
 * pages of both are made of the same code; the long lane runs all of them in both.
 */
export function inTurn<Arguments extends unknown[]>({ client }: Named, test: (...declared: Arguments) => void) {
  const inTurnOf =
    (pushed: Named['client']) =>
    (...declared: Arguments): void => {
      if (isLongLane || client === pushed) {
        test(...declared);
      }
    };
  return { inV1: inTurnOf('v1'), inV2: inTurnOf('v2') };
}
