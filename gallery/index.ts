import { addressOf, clients, lookOf, sizes, themes, type Size } from './look';
import { states } from './states';

// Replaced by a list of the files in `src/locale`.
declare const LANGUAGES: string[];

const sizeNames = Object.keys(sizes) as Size[];
const choices = { client: clients, theme: themes, language: LANGUAGES, size: sizeNames };

const nav = document.querySelector('nav') as HTMLElement;
const frame = document.querySelector('iframe') as HTMLIFrameElement;

/** What is chosen stands in the fragment, `#refused?theme=dark&size=phone`, so it can be sent to a colleague. */
function chosen(): { name: string; query: URLSearchParams } {
  const [name, query] = decodeURIComponent(location.hash.slice(1)).split('?');
  return { name: name || states[0].name, query: new URLSearchParams(query) };
}

function choose(name: string, query: URLSearchParams): void {
  location.hash = `${name}?${query}`;
}

/** Shows what is chosen, in a frame of its own: the pages of the plugin change their address. */
function render(): void {
  const { name, query } = chosen();
  const { width, height } = sizes[sizeNames.find((each) => each === query.get('size')) ?? 'desktop'];
  frame.style.width = `${width}px`;
  frame.style.height = `${height}px`;
  frame.src = addressOf(name, lookOf(query));
  nav.replaceChildren(
    ...Object.entries(choices).map(([key, values]) => choiceOf(key, values, name, query)),
    ...states.map((state) => linkTo(state.name, state.name === name, query)),
  );
}

function choiceOf(key: string, values: readonly string[], name: string, query: URLSearchParams): HTMLElement {
  const select = document.createElement('select');
  select.append(...values.map((value) => new Option(value, value, false, value === query.get(key))));
  select.onchange = () => {
    query.set(key, select.value);
    choose(name, query);
  };
  const label = document.createElement('label');
  label.append(key, select);
  return label;
}

function linkTo(name: string, isCurrent: boolean, query: URLSearchParams): HTMLElement {
  const link = document.createElement('a');
  link.href = `#${name}?${query}`;
  link.textContent = name;
  if (isCurrent) {
    link.setAttribute('aria-current', 'page');
  }
  return link;
}

addEventListener('hashchange', render);
render();
// The server of `npm run gallery` tells when it has built anew.
new EventSource('/esbuild').addEventListener('change', render);
