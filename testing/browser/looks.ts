import type { Locator, Route } from 'playwright-core';
import { refusal, type Answer } from '../../gallery/answers';
import { sizes, type Size, type Theme } from '../../gallery/look';
import type { Hands, State } from '../../gallery/states';
import { withValues } from '../../gallery/words';
import { errorCodes } from '../../src/shared/codes';
import { packPlugin } from '../../dev/pack';
import { freePort } from '../../dev/ports';
import { FRESH } from '../../dev/template';
import { ACCOUNT_PAGE } from './account-page';
import { becomeAdministrator, SettingsPage } from './settings-page';
import { removeSources, saveSource, SourcesPage } from './sources-page';
import { untilStill } from './stillness';
import { CALLBACK_PAGE, type Visitor } from './visitor';
import { addAuthenticator, removeAuthenticators, startSurroundings, startWorld, type World } from './world';

/** What the pages show for an address: also where the world has another port, and in the gallery. */
const HOST = 'nocobase.example.com';

/** The heights at which all of a form can be seen. */
const TALL = { width: 1280, height: 1300 };
const TALLER = { width: 1280, height: 1540 };

const SOURCE = 'company';

/** NocoBase needs what it is told of these to show its own parts of the page. */
const OF_NOCOBASE = ['userDataSyncSources:list', 'collections:listMeta'];

interface ShownWorldOptions {
  /** Default: one with all of NocoBase's plugins, as users have it. */
  template?: string;
  progress?: (message: string) => void;
}

/** A world whose address is the same every time. */
export async function startShownWorld(
  name: string,
  { template = FRESH, progress }: ShownWorldOptions = {},
): Promise<World> {
  const port = await freePort();
  const among = await startSurroundings({ hostRules: [`MAP ${HOST} 127.0.0.1:${port}`] });
  try {
    const world = await startWorld(name, await packPlugin(progress), { port, among, template });
    const stop = async () => {
      await world.stop();
      await among.stop();
    };
    return { ...world, nocobase: { ...world.nocobase, url: `http://${HOST}` }, stop };
  } catch (error) {
    await among.stop();
    throw error;
  }
}

/** The theme of every user who chose none. */
export async function setTheme({ api }: World, theme: Theme): Promise<void> {
  const themes = await api<{ id: number; uid: string }[]>('themeConfig:list?paginate=false');
  for (const { id, uid } of themes) {
    await api(`themeConfig:update?filterByTk=${id}`, { default: uid === theme });
  }
}

/** Shows a state of the gallery in NocoBase, with the same answers of the server, until it looks as it stays. */
export async function showState(visitor: Visitor, state: State, size: Size = 'desktop'): Promise<void> {
  const { page, language } = visitor;
  const say: Parameters<NonNullable<State['answers']>>[0] = (key, values) => withValues(visitor.words(key), values);
  for (const [action, answer] of Object.entries(state.answers?.(say) ?? {})) {
    if (typeof answer !== 'function' && !OF_NOCOBASE.includes(action)) {
      await page.route(`**/${action}*`, (route) => answerWith(route, answer, say));
    }
  }
  await page.setViewportSize(sizeOf(state, size));
  await openPage(visitor, state);
  await state.show(handsOf(visitor)).catch((error: Error) => {
    throw new Error(`${state.name} (${language}): ${error.message}`);
  });
  if (state.page === 'settings' && state.isSaved) {
    // What there is of a saved one stands at the end of a long form.
    await page.locator('.ant-drawer-body').evaluate((body) => body.scrollTo(0, body.scrollHeight));
  }
  // What is under the pointer looks different.
  await page.mouse.move(0, 0);
  await untilStill(page);
}

function sizeOf({ page }: State, size: Size) {
  const tall = { settings: TALL, source: TALLER }[page as string];
  return (size === 'desktop' && tall) || sizes[size];
}

async function answerWith(route: Route, answer: Answer, say: Parameters<typeof refusal>[1]): Promise<void> {
  if (answer === 'silent') {
    return;
  }
  if (answer === 'unreachable') {
    await route.abort();
  } else if ('refused' in answer) {
    const { status } = errorCodes[answer.refused];
    await route.fulfill({ status, json: refusal(answer.refused, say) });
  } else {
    await route.fulfill({ json: { data: answer.data } });
  }
}

async function openPage(visitor: Visitor, state: State): Promise<void> {
  const { page, fragment = '', options } = state;
  if (page === 'sign-in') {
    await removeAuthenticators(visitor.world);
    await addAuthenticator(visitor.world);
    await visitor.opens('/signin');
    return;
  }
  if (page === 'callback') {
    await visitor.opens(`${CALLBACK_PAGE}#${fragment}`);
    return;
  }
  await becomeAdministrator(visitor);
  if (page === 'account') {
    await visitor.opens(ACCOUNT_PAGE);
    return;
  }
  if (page === 'source') {
    await openSource(visitor, state);
    return;
  }
  const settings = new SettingsPage(visitor);
  if (state.isSaved) {
    await removeAuthenticators(visitor.world);
    await addAuthenticator(visitor.world, { title: SOURCE });
    await settings.open();
    await settings.configure(SOURCE);
    return;
  }
  await settings.open();
  await settings.addNew();
  for (const [label, value] of [
    ['Client ID', options?.dingtalk?.clientId],
    ['Client Secret', options?.dingtalk?.clientSecret],
    ['Corp ID', options?.dingtalk?.corpId],
  ] as const) {
    if (value) {
      await settings.enter(visitor.words(label), value);
    }
  }
  if (options?.public?.autoSignup) {
    await settings.autoSignup.check();
  }
}

async function openSource(visitor: Visitor, { source, isSaved }: State) {
  await saveSource(visitor.world, SOURCE, source);
  if (!isSaved) {
    await removeSources(visitor.world);
  }
  const sources = new SourcesPage(visitor);
  await sources.open();
  if (isSaved) {
    await sources.configure(SOURCE);
    return;
  }
  await sources.addNew();
  await sources.enterName(SOURCE);
  await sources.enable();
  await sources.choose('Authenticator', 'Harbour Tech');
}

/** The same acts as in the gallery, with a mouse. */
const handsOf = ({ page }: Visitor): Hands => ({
  press: (selector) => page.locator(selector).first().click(),
  see: (selector) => page.locator(selector).first().waitFor(),
});

/** How each element of these parts is drawn: the same in NocoBase and in the gallery, if their themes are. */
export function drawingOf(parts: Locator): Promise<string[]> {
  return parts.evaluateAll((elements) => {
    const properties = [
      ...['color', 'background-color', 'font-family', 'font-size', 'font-weight', 'line-height', 'text-align'],
      ...['height', 'padding', 'margin', 'border', 'border-radius'],
    ];
    const drawn = elements.flatMap((element) => [element, ...element.querySelectorAll(':not(svg *)')]);
    const seen = drawn.filter((element) => !element.closest('[hidden]'));
    return seen.map((element) => {
      const style = getComputedStyle(element);
      const [first] = element.classList;
      const values = properties.map((property) => `${property}: ${style.getPropertyValue(property)}`);
      return `${element.tagName.toLowerCase()}.${first}: ${values.join('; ')}`;
    });
  });
}
