import { readFileSync } from 'node:fs';
import english from '../src/locale/en-US.json';
import { launchBrowser, type LaunchedBrowser } from '../testing/browser/launch';
import { lookAt, type Shown } from './all-looks';
import { recordOf } from './checks';
import { clients } from './look';
import { nameOf, pictures, RECORDS } from './pictures';
import { overflowsIn } from './small-screen';
import { LONG_TITLE, states, stateOf, type State } from './states';
import { GalleryVisit } from './visit';

let launched: LaunchedBrowser;
let visit: GalleryVisit;

beforeAll(async () => {
  launched = await launchBrowser();
  visit = await GalleryVisit.begin(await launched.browser.newContext());
});

afterAll(() => launched?.stop());

const clientsOf = ({ clients: some }: State) => some ?? clients;

describe('each state', () => {
  /** Each client in one look, the next state the other way round. `looks.long.test.ts` has each client in each look. */
  const looksOf = (state: State): Shown[] => {
    const [one, other = one] = states.indexOf(state) % 2 === 0 ? clientsOf(state) : [...clientsOf(state)].reverse();
    return [
      { client: one, theme: 'compact' },
      { client: other, theme: 'dark', small: true },
    ];
  };

  it.each(states)(
    '$name: axe finds nothing, it fits in every look, and a screen reader is told what it was',
    async (state) => {
      const [light, dark] = looksOf(state);
      const first = await lookAt(visit, state, light);
      const second = await lookAt(visit, state, dark);
      expect([...first.faults, ...second.faults]).toEqual([]);
      expect(second.record).toBe(first.record);
      if (!state.unrecorded) {
        expect(first.record).toMatchSnapshot();
      }
    },
  );
});

describe('in languages with long words, and in one without spaces', () => {
  /** The longest sentences of each kind of page. `languages.long.test.ts` has the others, and all languages. */
  const longest = [
    'every-failure',
    'every-finding',
    'link-first',
    'account-pending',
    'linked-users-block',
    'settings-more',
  ];

  it.each(['de-DE', 'ru-RU', 'zh-CN'])('%s: the longest sentences fit on a small screen', async (language) => {
    expect(await overflowsIn(visit, language, longest)).toEqual([]);
  });
});

describe('each picture of the documents', () => {
  const recorded: Record<string, string> = JSON.parse(readFileSync(RECORDS, 'utf8'));

  it.each(pictures)(
    '$state $client $theme $size $language: shows what is there; else run `npm run pictures`',
    async (picture) => {
      const state = stateOf(picture.state);
      const client = clientsOf(state).includes(picture.client) ? picture.client : 'v2';
      await visit.open(state, { ...picture, client }, picture.size);
      expect(await recordOf(visit.page, state)).toBe(recorded[nameOf(picture)]);
    },
  );
});

describe.each(clients)('the sign-in button of %s', (client) => {
  const open = (name: string) => visit.open(stateOf(name), { client });
  const button = (name: string) => visit.page.getByRole('button', { name, exact: true });
  const asked = () => visit.page.evaluate(() => window.asked.filter((action) => action === 'dingtalk:getAuthUrl'));

  it('is found and pressed with the keyboard alone, leaves once, and keeps its name meanwhile', async () => {
    await open('sign-in-silent');
    const signIn = button('Sign in via DingTalk');
    await tabTo('button', 'Sign in via DingTalk');
    expect(await signIn.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('.ant-btn-loading').waitFor();
    await visit.page.keyboard.press('Enter');
    await visit.page.keyboard.press('Space');
    await signIn.click();
    expect(await signIn.count()).toBe(1);
    expect(await asked()).toHaveLength(1);
  });

  it('tells a failure to a screen reader each time, and keeps the focus', async () => {
    await open('refused');
    const alert = visit.page.getByRole('alert');
    expect(await alert.innerText()).toBe(english.NOT_CONFIGURED);
    const focused = visit.page.locator(':focus');
    expect(await focused.getAttribute('aria-label')).toBe('Sign in via DingTalk');
    // The alert that comes again is a new one: else a screen reader stays silent.
    await alert.evaluate((element) => element.setAttribute('data-first', ''));
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('[role=alert]:not([data-first])').waitFor();
    expect(await focused.getAttribute('aria-label')).toBe('Sign in via DingTalk');
  });

  it('keeps a title of any length on one line, and in its name', async () => {
    await open('sign-in-long');
    for (const size of ['desktop', 'phone'] as const) {
      await visit.change({ size });
      const [box, wanted] = [await button(LONG_TITLE).boundingBox(), await button('DingTalk').boundingBox()];
      expect({ ...box, y: 0 }).toEqual({ ...wanted, y: 0 });
    }
  });

  it('bears the blue of DingTalk', async () => {
    await open('sign-in');
    for (const theme of ['compact', 'dark'] as const) {
      await visit.change({ theme });
      const mark = visit.page.locator('.anticon-dingtalk');
      expect(await mark.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(0, 136, 255)');
    }
  });
});

describe.each(clients)('with the keyboard in %s', (client) => {
  it('the way back from a failure is reached', async () => {
    await visit.open(stateOf('failure'), { client });
    await tabTo('link', 'Back to sign-in');
    const base = client === 'v1' ? '' : '/v';
    expect(await visit.page.locator(':focus').getAttribute('href')).toBe(`${base}/signin`);
  });

  it('the dialog is opened and closed, has a name, and gives the focus back', async () => {
    await visit.open(stateOf('account-linked'), { client });
    await tabTo('button', 'Unlink: Harbour Tech');
    await visit.page.keyboard.press('Enter');
    const dialog = visit.page.getByRole('dialog', { name: 'Unlink this DingTalk account?', exact: true });
    await dialog.locator(':focus').waitFor({ state: 'attached' });
    await visit.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await visit.page.getByRole('button', { name: 'Unlink: Harbour Tech' }).and(visit.page.locator(':focus')).waitFor();
  });
});

/** By the key Tab, as far as the element of this role and name. */
async function tabTo(role: 'button' | 'link', name: string): Promise<void> {
  const { page } = visit;
  const wanted = page.getByRole(role, { name, exact: true }).and(page.locator(':focus'));
  for (let times = 0; times < 20; times++) {
    await page.keyboard.press('Tab');
    if (await wanted.count()) {
      return;
    }
  }
  throw new Error(`The key Tab does not lead to "${name}".`);
}
