import type { Client, Language } from './clients';
import { takeScreenshot } from './screenshots';
import { Visitor } from './visitor';
import { removeAuthenticators, type World } from './world';

const MINUTES = 60_000;

// NocoBase's pages take ten seconds of a slow machine's processor, each.
jest.setTimeout(5 * MINUTES);

/** One NocoBase, one DingTalk and one browser for all tests of a file. */
export function keepWorld<W extends World>(start: () => Promise<W>): () => W {
  let world: W | undefined;
  const get = () => {
    if (!world) {
      throw new Error('There is a world only while tests run.');
    }
    return world;
  };
  beforeAll(async () => {
    world = await start();
  }, 10 * MINUTES);
  afterAll(() => world?.stop());
  return get;
}

/** The same, without what the test before left in them. */
export function shareWorld<W extends World>(start: () => Promise<W>): () => W {
  const world = keepWorld(start);
  beforeEach(async () => {
    world().emulator.reset();
    await removeAuthenticators(world());
  });
  return world;
}

/** As `test`, for a visitor; afterwards nothing may have happened that must never happen. */
export function visits(
  world: () => World,
  client: Client,
  language: Language = 'en-US',
  arrive: typeof Visitor.arriveForTheFirstTime = Visitor.arrive,
) {
  return (name: string, run: (visitor: Visitor) => Promise<void>) =>
    test(name, async () => {
      const visitor = await arrive(world(), client, language);
      try {
        await run(visitor);
        expect(await visitor.watch.faults()).toEqual([]);
      } catch (error) {
        for (const [index, page] of visitor.context.pages().entries()) {
          await takeScreenshot(page, `failed-${expect.getState().currentTestName}-${index}`).catch(() => undefined);
        }
        throw error;
      } finally {
        await visitor.leave();
      }
    });
}
