import { overflows } from './checks';
import { stateOf, type State } from './states';
import type { GalleryVisit } from './visit';

/** NocoBase's drawer is half as wide as the window. On a phone NocoBase's own fields do not fit into it either. */
export const smallSizeOf = ({ page }: State) =>
  ['settings', 'source', 'channel', 'message'].includes(page) ? 'tablet' : 'narrow';

/** What does not fit on a small screen in a language, of the states with these names. */
export async function overflowsIn(visit: GalleryVisit, language: string, names: string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const state of names.map(stateOf)) {
    await visit.open(state, { client: 'v2', language }, smallSizeOf(state));
    faults.push(...(await overflows(visit.page)).map((fault) => `${state.name}: ${fault}`));
  }
  return faults;
}
