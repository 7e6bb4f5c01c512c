import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../../dev/until';
import type { Account } from '../../emulator';
import { DingTalkClient, type DingTalkClientOptions } from '../../emulator/client/playwright';
import type { Client, Language } from './clients';
import { takeScreenshot } from './screenshots';
import { Watch } from './watch';
import { words, type Words } from './words';
import { WarmContext } from './warm-context';
import type { World } from './world';

export const CALLBACK_PAGE = '/signin/dingtalk';

const SECONDS_TO_WAIT = 90;

/** What of a world it takes to come to NocoBase by browser. */
export type Place = Pick<World, 'nocobase' | 'browser' | 'context' | 'token'>;

/** A user with a browser in which nothing of an earlier visit can be seen. */
export class Visitor<W extends Place = World> {
  private constructor(
    readonly world: W,
    readonly client: Client,
    readonly language: Language,
    readonly context: BrowserContext,
    readonly watch: Watch,
    public page: Page,
  ) {}

  /** In the world's warm context if it is free and speaks the language; the second of two visitors gets a new one. */
  static async arrive<W extends Place>(world: W, client: Client, language: Language): Promise<Visitor<W>> {
    const { context } = world;
    const warm =
      language === WarmContext.options.locale
        ? await context.borrow(`${world.nocobase.apiUrl}/__health_check`)
        : undefined;
    return Visitor.at(world, client, language, warm ?? (await Visitor.newContext(world, language)));
  }

  /** With a browser that has loaded nothing yet. */
  static async arriveForTheFirstTime(world: World, client: Client, language: Language): Promise<Visitor> {
    return Visitor.at(world, client, language, await Visitor.newContext(world, language));
  }

  private static newContext({ browser }: Place, locale: Language): Promise<BrowserContext> {
    return browser.newContext({ ...WarmContext.options, locale });
  }

  /** A user of the DingTalk app, in whose web view nothing was opened before. */
  static async insideDingTalk(
    world: World,
    client: Client,
    language: Language,
    app: DingTalkClientOptions,
  ): Promise<{ visitor: Visitor; dingtalk: DingTalkClient }> {
    const { extraHTTPHeaders } = WarmContext.options;
    const options = { locale: language, extraHTTPHeaders };
    const dingtalk = await DingTalkClient.open(world.browser, world.emulator.url, app, options);
    return { visitor: await Visitor.at(world, client, language, dingtalk.context), dingtalk };
  }

  private static async at<W extends Place>(
    world: W,
    client: Client,
    language: Language,
    context: BrowserContext,
  ): Promise<Visitor<W>> {
    context.setDefaultTimeout(SECONDS_TO_WAIT * 1000);
    const watch = new Watch(context);
    await remember(context, world, { NOCOBASE_LOCALE: language });
    return new Visitor(world, client, language, context, watch, await context.newPage());
  }

  async leave(): Promise<void> {
    await Promise.all(this.context.pages().map((page) => this.close(page)));
    this.watch.stop();
    if (this.world.context.owns(this.context)) {
      await this.world.context.giveBack(this.watch.origins());
    } else {
      await this.context.close();
    }
  }

  /** Closes the window and opens a new one: as users do in the DingTalk app, where nothing stays open for long. */
  async comesAgain(): Promise<void> {
    const left = this.page;
    this.page = await this.context.newPage();
    await this.close(left);
  }

  /** Chromium forgets to close a page that loads itself anew at that moment; Playwright asks once, and waits for ever. */
  private async close(page: Page): Promise<void> {
    const ofPage = await this.context.newCDPSession(page);
    const { targetInfo } = await ofPage.send('Target.getTargetInfo');
    const ofBrowser = await this.world.browser.newBrowserCDPSession();
    await until('a window is closed', async () => {
      if (!page.isClosed()) {
        const closed = page.waitForEvent('close', { timeout: 1000 });
        await Promise.all([closed, ofBrowser.send('Target.closeTarget', { targetId: targetInfo.targetId })]);
      }
      return true;
    });
    await ofBrowser.detach();
  }

  /** By NocoBase's own menu. */
  async signsOut(): Promise<void> {
    await this.page.getByTestId('user-center-button').first().click();
    await this.page.getByText('Sign out', { exact: true }).click();
  }

  /** What the plugin says, in this visitor's language. */
  words(key: Words): string {
    return words(key, this.language);
  }

  url(path: string): string {
    return this.world.nocobase.url + this.client.base + path;
  }

  async opens(path: string, page = this.page): Promise<void> {
    await page.goto(this.url(path));
  }

  /** The plugin's button on the sign-in page. */
  button(text: string, page = this.page): Locator {
    return page.locator('button', { has: page.locator('.anticon-dingtalk') }).filter({ hasText: text });
  }

  /** Goes to DingTalk as the button does, without NocoBase's sign-in page, which takes seconds to show. */
  async leavesForDingTalk(authenticator: string, redirect = ''): Promise<void> {
    const { url, apiUrl } = this.world.nocobase;
    const response = await this.context.request.post(`${apiUrl}/dingtalk:getAuthUrl`, {
      headers: { origin: new URL(url).origin, 'X-Authenticator': authenticator },
      data: {
        page: this.url(`/signin?redirect=${encodeURIComponent(redirect)}`),
        redirectUri: `${apiUrl}/dingtalk:redirect`,
      },
    });
    await this.page.goto((await response.json()).data.url);
  }

  async choosesAccount({ id }: Pick<Account, 'id'>, page = this.page): Promise<void> {
    await page.locator(`button[data-account="${id}"]`).click();
  }

  async agrees(page = this.page): Promise<void> {
    await page.locator('button[data-decision="agree"]').click();
  }

  async refuses(): Promise<void> {
    await this.page.locator('button[data-decision="refuse"]').click();
  }

  /** Approves the sign-in in DingTalk. */
  async approves(account: Pick<Account, 'id'>, page = this.page): Promise<void> {
    await this.choosesAccount(account, page);
    await this.agrees(page);
  }

  /** Waits for the address, not for the page, which takes seconds to show. */
  async arrivesAt(path: string, page = this.page): Promise<void> {
    const wanted = this.url(path);
    await page.waitForURL((url) => url.href.replace(/\/(?=$|\?)/, '') === wanted.replace(/\/(?=$|\?)/, ''), {
      waitUntil: 'commit',
    });
  }

  /** The user's own menu, which NocoBase shows to every user who is signed in; on a phone, behind three dots. */
  async seesNocoBase(page = this.page): Promise<void> {
    await page.getByTestId('user-center-button').or(page.locator('header .anticon-ellipsis')).first().waitFor();
  }

  /** Whom NocoBase takes the holder of this browser's token for. */
  async user(page = this.page): Promise<{ id?: number; nickname?: string; phone?: string }> {
    const token = await this.remembers('NOCOBASE_TOKEN', page);
    const authenticator = await this.remembers('NOCOBASE_AUTH', page);
    const answer = await this.world.nocobase.request<object | null>('auth:check', {
      token: token ?? undefined,
      headers: { 'X-Authenticator': authenticator ?? '' },
    });
    return answer.body.data ?? {};
  }

  remembers(key: string, page = this.page): Promise<string | null> {
    return page.evaluate((name) => localStorage.getItem(name), key);
  }

  /** Reads the sentence of a failure, once it is there, and unfolds the code that an administrator may ask for. */
  async isTold(code: Words): Promise<void> {
    await this.page.getByRole('alert').getByText(this.words(code), { exact: true }).first().waitFor();
    await this.page.locator('summary').first().click();
    await this.page
      .getByText(`${this.words('Code')}: ${code}`, { exact: true })
      .first()
      .waitFor();
  }

  /** The addresses behind the buttons Back and Forward. */
  async history(page = this.page): Promise<string[]> {
    const session = await this.context.newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    await session.detach();
    return entries.map(({ url }) => url);
  }

  screenshot(name: string): Promise<void> {
    return takeScreenshot(this.page, name);
  }
}

/** Has NocoBase's pages find values in the browser's storage, where there are none of these names. */
export async function remember(
  context: BrowserContext,
  world: Pick<World, 'nocobase'>,
  values: Record<string, string>,
): Promise<void> {
  const { origin } = new URL(world.nocobase.url);
  await context.addInitScript(
    ([where, entries]) => {
      if (location.origin !== where) {
        return;
      }
      for (const [key, value] of Object.entries(entries)) {
        if (localStorage.getItem(key) === null) {
          localStorage.setItem(key, value);
        }
      }
    },
    [origin, values] as const,
  );
}
