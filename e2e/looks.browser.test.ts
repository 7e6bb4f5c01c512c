import { faultsOf } from '../testing/browser/axe';
import { AccountPage } from '../testing/browser/account-page';
import { clients } from '../testing/browser/clients';
import { lookAt, nameOf, picturesOf, readRecords, recordOf, setTheme, startShownWorld } from '../testing/browser/looks';
import { ACCOUNTS, showAccount, states, type Look, type State } from '../testing/browser/states';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator } from '../testing/browser/world';

const world = shareWorld(() => startShownWorld('looks'));

/** A text of everything that an administrator can write, of the greatest length that NocoBase keeps. */
const LONG = `<b>Harbour</b> Tech 海港科技 ${'& many more companies of the same harbour '.repeat(6)}`.slice(0, 255);

/** Light on a desktop, and dark on a phone: every part in both themes, and in both sizes. */
const looks: [string, Look][] = [
  ['light, on a desktop', {}],
  ['dark, on a phone', { dark: true, phone: true }],
];

describe.each(clients)('$client', (client) => {
  const visit = visits(world, client);

  describe.each(looks)('%s', (_, look) => {
    beforeAll(() => setTheme(world(), look.dark ? 'dark' : 'compact'));
    afterAll(() => setTheme(world(), 'compact'));

    test.each(states)(
      '$name: axe finds nothing, nothing stands out of the page, and its picture shows what is there',
      (state) =>
        lookAt(world(), client, { state, look }, async (visitor) => {
          await visitor.screenshot(`looks ${nameOf(state, client, look)}`);
          expect(await faultsOf(state.ours(visitor), state.notOurs)).toEqual([]);
          expect(await outside(visitor)).toEqual([]);
          if (isPictured(state, look)) {
            await expectRecorded(visitor, state, look);
          }
          expect(await visitor.watch.faults()).toEqual([]);
        }),
    );
  });

  const isPictured = (state: State, look: Look) =>
    picturesOf(state, client).some((picture) => nameOf(state, client, picture) === nameOf(state, client, look));

  const expectRecorded = async (visitor: Visitor, state: State, look: Look) =>
    expect(await recordOf(state, visitor)).toBe((await readRecords())[nameOf(state, client, look)]);

  const otherPictures = states.flatMap((state) =>
    picturesOf(state, client)
      .map((look) => ({ state, look, name: nameOf(state, client, look) }))
      .filter(({ look, name }) => !look.dark && looks.every(([, seen]) => nameOf(state, client, seen) !== name)),
  );
  test.each(otherPictures)('$name: the picture shows what is there; else run `npm run pictures`', ({ state, look }) =>
    lookAt(world(), client, { state, look }, (visitor) => expectRecorded(visitor, state, look)),
  );

  describe('the button', () => {
    visit(
      'is found and pressed with the keyboard alone, leaves once, and keeps its name meanwhile',
      async (visitor) => {
        await addAuthenticator(world(), { title: 'DingTalk' });
        let asked = 0;
        await visitor.page.route('**/dingtalk:getAuthUrl', () => void asked++);
        await visitor.opens('/signin');
        const button = visitor.page.getByRole('button', { name: 'DingTalk', exact: true });
        await button.waitFor();
        await visitor.page.locator('input[type=password]').focus();
        await tabTo(visitor, 'DingTalk');
        expect(await button.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
        await visitor.page.keyboard.press('Enter');
        await visitor.page.locator('.ant-btn-loading').waitFor();
        await visitor.page.keyboard.press('Enter');
        await visitor.page.keyboard.press('Space');
        await button.click();
        expect(await button.count()).toBe(1);
        expect(asked).toBe(1);
      },
    );

    visit('tells a failure to a screen reader each time, and keeps the focus', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk', clientSecret: '' });
      await visitor.opens('/signin');
      const button = visitor.page.getByRole('button', { name: 'DingTalk', exact: true });
      await button.focus();
      await visitor.page.keyboard.press('Space');
      await visitor.isTold('NOT_CONFIGURED');
      await button.and(visitor.page.locator(':focus')).waitFor();

      await visitor.page.route('**/dingtalk:getAuthUrl', () => undefined);
      await visitor.page.keyboard.press('Enter');
      await visitor.page.getByRole('alert').waitFor({ state: 'detached' });
    });

    visit('keeps a title of any length on one line, and in its name', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      await addAuthenticator(world(), { title: LONG });
      await visitor.opens('/signin');
      const [short, long] = ['DingTalk', LONG].map((name) => visitor.page.getByRole('button', { name, exact: true }));
      await long.waitFor();
      for (const width of [1280, 390]) {
        await visitor.page.setViewportSize({ width, height: 844 });
        const [box, wanted] = [await long.boundingBox(), await short.boundingBox()];
        expect({ ...box, y: 0 }).toEqual({ ...wanted, y: 0 });
      }
    });

    visit('bears the blue of DingTalk', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      // For people who are not signed in, v2 has no dark theme.
      const themes = client.client === 'v1' ? (['dark', 'compact'] as const) : (['compact'] as const);
      for (const theme of themes) {
        await setTheme(world(), theme);
        await visitor.opens('/signin');
        const mark = visitor.button('DingTalk').locator('.anticon-dingtalk');
        const background = theme === 'dark' ? 'rgb(20, 20, 20)' : 'rgb(255, 255, 255)';
        await visitor.page.waitForFunction(
          (wanted) =>
            getComputedStyle(document.querySelector('.ant-btn:has(.anticon-dingtalk)') ?? document.body)
              .backgroundColor === wanted,
          background,
        );
        expect(await mark.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(0, 136, 255)');
      }
    });
  });

  visit('the way back from a failure is reached with the keyboard', async (visitor) => {
    const failure = states.find(({ name }) => name === 'failure');
    await failure?.show(visitor);
    await tabTo(visitor, visitor.words('Back to sign-in'));
    await visitor.page.keyboard.press('Enter');
    await visitor.page.locator('input[type=password]').waitFor();
  });

  visits(
    world,
    client,
    'de-DE',
  )('long words of German fit on a phone', async (visitor) => {
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    await showAccount(visitor, ACCOUNTS.long);
    const page = new AccountPage(visitor);
    for (const button of [page.unlink(ACCOUNTS.long[0].title ?? ''), page.link(ACCOUNTS.long[1].title ?? '')]) {
      expect(await button.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThanOrEqual(0);
    }
    await visitor.screenshot(`looks account-long ${client.client} de-DE`);
    expect(await outside(visitor)).toEqual([]);
  });

  visit('the dialog is named, and gives the focus back', async (visitor) => {
    await showAccount(visitor, ACCOUNTS.linked);
    const unlink = new AccountPage(visitor).unlink('Harbour Tech');
    await unlink.focus();
    await visitor.page.keyboard.press('Enter');
    const dialog = visitor.page.getByRole('dialog', {
      name: visitor.words('Unlink this DingTalk account?'),
      exact: true,
    });
    await dialog.locator(':focus').waitFor({ state: 'attached' });
    await visitor.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await unlink.and(visitor.page.locator(':focus')).waitFor();
  });
});

/** By the key Tab, as far as the element of this name. */
async function tabTo({ page }: Visitor, name: string): Promise<void> {
  const focused = page.locator(':focus');
  for (let times = 0; times < 20; times++) {
    await page.keyboard.press('Tab');
    if (
      (await focused.count()) &&
      (await focused
        .and(page.getByRole('button', { name, exact: true }).or(page.getByRole('link', { name, exact: true })))
        .count())
    ) {
      return;
    }
  }
  throw new Error(`The key Tab does not lead to "${name}".`);
}

/** The elements that stand beyond the edges of the page, or make it scroll sideways. */
function outside({ page }: Visitor): Promise<string[]> {
  return page.evaluate(() =>
    document.documentElement.scrollWidth > innerWidth
      ? [`the page is ${document.documentElement.scrollWidth} wide`]
      : [],
  );
}
