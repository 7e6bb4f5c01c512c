import { performance } from 'node:perf_hooks';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Client } from '../../testing/browser/clients';
import type { World } from '../../testing/browser/world';
import { addAccount, addAuthenticator, addUser } from '../../testing/browser/world';

/** A line to NocoBase. DingTalk's page comes over the same one. */
export interface Line {
  name: string;
  /** Bytes a second, in both directions; undefined where nothing is in the way. */
  bytes?: number;
  /** Milliseconds from a request to the first byte of its answer, beside the server's own time. */
  latency: number;
}

/** What somebody waits for who has been here before: the browser's cache has NocoBase's scripts. */
export interface Waited {
  /** Seconds from the approval in DingTalk to NocoBase's page with the user's menu. */
  approved: number;
  /** Seconds in which a code or a state stood in the address of a page, after the approval. */
  exposed: number;
  /** The floor: seconds from an address to the same page, for somebody who is signed in. */
  opened: number;
}

const PAGE = '/admin';
/** NocoBase's own menu of the user. */
const MENU = '[data-testid="user-center-button"]';
const SECRETS = /[?&#](code|authCode|state)=/;

/** Somebody who signs in again and again in one browser. */
export class Returning {
  private constructor(
    private readonly world: World,
    private readonly client: Client,
    private readonly context: BrowserContext,
    private readonly account: string,
    private readonly title: string,
  ) {}

  /** Signs in for the first time, by the fast line. */
  static async arrive(world: World, browser: Browser, client: Client): Promise<Returning> {
    const title = `DingTalk ${client.client}`;
    await addAuthenticator(world, { title });
    const account = addAccount(world);
    await addUser(world, account);
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(120_000);
    const returning = new Returning(world, client, context, account.id, title);
    await returning.wait({ name: 'fast', latency: 0 });
    return returning;
  }

  leave(): Promise<void> {
    return this.context.close();
  }

  async wait(line: Line): Promise<Waited> {
    const approved = await this.signIn(line);
    const opened = await this.open(line);
    await this.context.clearCookies();
    return { ...approved, opened };
  }

  private async signIn(line: Line): Promise<Omit<Waited, 'opened'>> {
    const page = await this.context.newPage();
    await page.goto(this.url('/signin'));
    await page.evaluate(() => localStorage.clear());
    await page.goto(this.url(`/signin?redirect=${encodeURIComponent(PAGE)}`));
    await page.getByRole('button', { name: this.title }).click();
    await page.locator(`button[data-account="${this.account}"]`).click();
    const agree = page.locator('button[data-decision="agree"]');
    await agree.waitFor();
    const session = await narrow(page, line);
    const address = new Address(page);
    const began = performance.now();
    await agree.click();
    await page.locator(MENU).first().waitFor();
    const approved = (performance.now() - began) / 1000;
    const exposed = address.exposed() / 1000;
    await session.detach();
    await page.close();
    return { approved, exposed };
  }

  private async open(line: Line): Promise<number> {
    const page = await this.context.newPage();
    const session = await narrow(page, line);
    const began = performance.now();
    await page.goto(this.url(PAGE), { waitUntil: 'commit' });
    await page.locator(MENU).first().waitFor();
    const opened = (performance.now() - began) / 1000;
    await session.detach();
    await page.close();
    return opened;
  }

  private url(path: string): string {
    return this.world.nocobase.url + this.client.base + path;
  }
}

async function narrow(page: Page, { bytes = -1, latency }: Line): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency,
    downloadThroughput: bytes,
    uploadThroughput: bytes,
  });
  return session;
}

/** How long a page's address, as the address bar shows it, holds what only the server should know. */
class Address {
  private since: number | undefined;
  private total = 0;

  constructor(page: Page) {
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) {
        this.end();
        // DingTalk's own pages hold the state; they are not NocoBase's to change.
        this.since = SECRETS.test(frame.url()) && !frame.url().includes('/oauth2/') ? performance.now() : undefined;
      }
    });
  }

  /** Milliseconds. */
  exposed(): number {
    this.end();
    return this.total;
  }

  private end(): void {
    this.total += this.since === undefined ? 0 : performance.now() - this.since;
    this.since = undefined;
  }
}
