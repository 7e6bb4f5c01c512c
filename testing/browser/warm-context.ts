import type { BrowserContext, BrowserContextOptions, Disposable, Page } from 'playwright-core';

/**
 * A browser context that tests use one after another. NocoBase's pages are 20 MB of JavaScript: in a context that was
 * used before, Chromium has them and their compiled form at hand, and a page takes about half the time.
 *
 * Between two tests everything goes that a test could notice: pages, cookies, storage, permissions, routes and scripts.
 */
export class WarmContext {
  /** A persistent context cannot change these, so a visitor who wants others gets a context of their own. */
  static readonly options: BrowserContextOptions = {
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    // NocoBase would compress its pages' 20 MB anew for every request.
    extraHTTPHeaders: { 'accept-encoding': 'identity' },
  };

  private lent = false;
  /** Not among `context.pages()`. */
  private anchor: Page | undefined;
  private readonly scripts: Disposable[] = [];

  constructor(private readonly context: BrowserContext) {
    const addInitScript = context.addInitScript.bind(context) as (...args: unknown[]) => Promise<Disposable>;
    // Tests add scripts for one visit; a context that lives longer has to know them to take them out again.
    context.addInitScript = async (...args: unknown[]) => {
      const script = await addInitScript(...args);
      this.scripts.push(script);
      return script;
    };
    const pages = context.pages.bind(context);
    context.pages = () => pages().filter((page) => page !== this.anchor);
  }

  /** The context, if no visitor has it at the moment. `address`: where the pages will be. */
  async borrow(address: string): Promise<BrowserContext | undefined> {
    if (this.lent) {
      return undefined;
    }
    this.lent = true;
    this.anchor ??= this.context.pages()[0] ?? (await this.context.newPage());
    // Chromium ends a process, and forgets what it compiled, with the last page of an address: one stays open.
    if (!URL.canParse(this.anchor.url()) || new URL(this.anchor.url()).origin !== new URL(address).origin) {
      await this.anchor.goto(address);
    }
    return this.context;
  }

  owns(context: BrowserContext): boolean {
    return context === this.context;
  }

  /** To be called when the visitor's pages are closed. `origins`: where they have been. */
  async giveBack(origins: Iterable<string>): Promise<void> {
    const anchor = this.anchor as Page;
    await Promise.all(this.scripts.splice(0).map((script) => script.dispose()));
    await this.context.unrouteAll({ behavior: 'ignoreErrors' });
    await this.context.clearCookies();
    await this.context.clearPermissions();
    const session = await this.context.newCDPSession(anchor);
    for (const origin of origins) {
      const storageTypes = 'local_storage,indexeddb,service_workers,cache_storage';
      await session.send('Storage.clearDataForOrigin', { origin, storageTypes });
    }
    await session.detach();
    this.lent = false;
  }
}
