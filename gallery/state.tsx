import './state.css';
import { lookOf } from './look';
import { prepare } from './prepare';
import { sayOf } from './say';
import { stateOf } from './states';

declare global {
  interface Window {
    /** Shows a state in place of the one before, until it is there. Tests call it: a page loads for half a second. */
    showState(query: string): Promise<void>;
  }
}

window.showState = async (search) => {
  const query = new URLSearchParams(search);
  const look = lookOf(query);
  const state = stateOf(query.get('state'));
  const say = await sayOf(look.language);
  prepare(state, look, say);
  const { show } = await import('./show');
  await show(state, look, say);
};

void window.showState(location.search).then(() => {
  document.documentElement.dataset.ready = 'true';
});
