import { TEST_PAGE } from '../src/shared/constants';
import type { Look } from './look';
import { paths } from './pages';
import type { State } from './states';
import type { Say } from './words';

const USER_AGENT = navigator.userAgent;

/** Sets the browser up as the page of a state finds it. Before the page's code loads: some of it reads
 * the address or the storage at once. */
export function prepare(state: State, { client }: Look, say: Say): void {
  sessionStorage.clear();
  for (const [key, value] of Object.entries(state.stored?.(say) ?? {})) {
    sessionStorage.setItem(key, value);
  }
  const base = client === 'v1' ? '' : '/v';
  const search = state.page === 'test' ? TEST_PAGE : '';
  history.replaceState(null, '', `${base}${paths[state.page] ?? '/signin'}${search}#${state.fragment ?? ''}`);
  replace('userAgent', state.dingTalkClient ? `${USER_AGENT} DingTalk/7.6.0` : USER_AGENT);
  const writeText = () => (state.clipboard === 'allowed' ? Promise.resolve() : Promise.reject(new Error('Denied')));
  replace('clipboard', { writeText });
  // A browser takes what a test evaluates on its page for an act of the user.
  replace('userActivation', undefined);
  // None of a state stays open.
  const tab = { location: { replace() {} }, close() {} };
  window.open = () => (state.opensTabs ? (tab as unknown as Window) : null);
}

function replace(property: keyof Navigator, value: unknown): void {
  Object.defineProperty(navigator, property, { value, configurable: true });
}
