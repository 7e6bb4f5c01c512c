import { axeFaults, overflows, partsOf, recordOf } from '../gallery/checks';
import type { Theme } from '../gallery/look';
import { stateOf } from '../gallery/states';
import { GalleryVisit } from '../gallery/visit';
import { clients } from '../testing/browser/clients';
import { drawingOf, setTheme, showState, startShownWorld } from '../testing/browser/looks';
import { plainTemplate } from '../testing/browser/templates';
import type { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';

/**
 * Every state of the plugin's pages is looked at in the gallery, with each push and without NocoBase. These tests hold
 * the gallery against a NocoBase: the same state is drawn in the same way, which a new version of NocoBase may change.
 */
const world = shareWorld(async () => startShownWorld('looks', { template: await plainTemplate() }));
let gallery: GalleryVisit;

beforeAll(async () => {
  gallery = await GalleryVisit.begin(await world().browser.newContext());
});
beforeEach(() => setTheme(world(), 'compact'));

describe.each(clients)('$client', ({ client, base }) => {
  const visit = visits(world, { client, base } as (typeof clients)[number]);

  /** Shows a state here and there, and expects the same drawing. */
  async function expectTheSame(visitor: Visitor, name: string, theme: Theme = 'compact') {
    const state = stateOf(name);
    await showState(visitor, state);
    await gallery.open(state, { client, theme });
    expect(await recordOf(visitor.page, state)).toBe(await recordOf(gallery.page, state));
    expect(await drawingOf(partsOf(visitor.page, state))).toEqual(await drawingOf(partsOf(gallery.page, state)));
    expect(await axeFaults(visitor.page, state)).toEqual([]);
  }

  visit('the sign-in page draws the button and its failure as the gallery does, light and dark', async (visitor) => {
    await expectTheSame(visitor, 'refused');
    await setTheme(world(), 'dark');
    await expectTheSame(visitor, 'refused', 'dark');
  });

  visit('the callback page draws a failure as the gallery does', (visitor) => expectTheSame(visitor, 'failure'));

  visit('the account page is drawn as in the gallery, light and dark', async (visitor) => {
    await expectTheSame(visitor, 'account-only-way-in');
    await setTheme(world(), 'dark');
    await expectTheSame(visitor, 'account-only-way-in', 'dark');
  });

  visit(
    'the settings form tells what the gallery’s form tells, light and dark, and fits on a phone',
    async (visitor) => {
      const state = stateOf('settings-check-bad');
      for (const theme of ['compact', 'dark'] as const) {
        await setTheme(world(), theme);
        await showState(visitor, state);
        await gallery.open(state, { client: 'v2', theme });
        expect(await recordOf(visitor.page, state)).toBe(await recordOf(gallery.page, state));
        expect(await axeFaults(visitor.page, state)).toEqual([]);
        // NocoBase's form of v1 has fields of its own between ours, and is a pixel narrower.
        if (client === 'v2') {
          expect(await drawingOf(partsOf(visitor.page, state))).toEqual(await drawingOf(partsOf(gallery.page, state)));
        }
      }
      await visitor.page.setViewportSize({ width: 390, height: 844 });
      expect(await overflows(visitor.page)).toEqual([]);
    },
  );
});
