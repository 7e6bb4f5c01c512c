import { launchBrowser, type LaunchedBrowser } from '../testing/browser/launch';
import { faultsIn, lookAt } from './all-looks';
import { overflows } from './checks';
import { clients } from './look';
import { smallSizeOf } from './small-screen';
import { states } from './states';
import { GalleryVisit } from './visit';

let launched: LaunchedBrowser;
let visit: GalleryVisit;

beforeAll(async () => {
  launched = await launchBrowser();
  visit = await GalleryVisit.begin(await launched.browser.newContext());
});

afterAll(() => launched?.stop());

/** German has the longest words. */
const translated = ['de-DE', 'zh-CN'];

it.each(states)('$name: in each client axe finds nothing in any look, and it fits', async (state) => {
  const faults: string[] = [];
  const records = new Set<string>();
  for (const client of state.clients ?? clients) {
    const seen = await lookAt(visit, state, { client, theme: 'compact' });
    records.add(seen.record);
    faults.push(...seen.faults);
    faults.push(...(await faultsIn(visit, state, { client, theme: 'dark', small: true })));
  }
  for (const language of translated) {
    await visit.open(state, { client: state.clients?.[0], language }, smallSizeOf(state));
    faults.push(...[...(await overflows(visit.page)), ...visit.faults()].map((fault) => `${language}: ${fault}`));
  }
  expect(faults).toEqual([]);
  expect(records.size).toBe(1);
});
