import { axeFaults, overflows, recordOf } from './checks';
import type { Look, Size } from './look';
import { smallSizeOf } from './small-screen';
import type { State } from './states';
import type { GalleryVisit } from './visit';

/** How a state is looked at, and whether on a small screen. */
export interface Shown extends Partial<Look> {
  small?: true;
}

const sizeOf = (state: State, { small }: Shown): Size => (small ? smallSizeOf(state) : 'desktop');

/** Opens a state. What is wrong with it, and what a screen reader is told, with the same addresses in both clients. */
export async function lookAt(visit: GalleryVisit, state: State, shown: Shown) {
  await visit.open(state, shown, sizeOf(state, shown));
  return { faults: await faultsOf(visit, state, shown), record: await recordNow(visit, state) };
}

/** What is wrong with the state that is open, in another theme and size. */
export async function faultsIn(visit: GalleryVisit, state: State, shown: Shown): Promise<string[]> {
  await visit.change({ theme: shown.theme, size: sizeOf(state, shown) });
  return faultsOf(visit, state, shown);
}

async function faultsOf(visit: GalleryVisit, state: State, shown: Shown): Promise<string[]> {
  const found = [...(await axeFaults(visit.page, state)), ...(await overflows(visit.page)), ...visit.faults()];
  return found.map((fault) => `${Object.values(shown).join(', ')}: ${fault}`);
}

const recordNow = async (visit: GalleryVisit, state: State) =>
  (await recordOf(visit.page, state)).replaceAll('/url: /v/', '/url: /');
