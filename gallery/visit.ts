import { extname } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { untilStill } from '../testing/browser/stillness';
import { buildGallery } from './bundle';
import { addressOf, sizes, THEME_EVENT, type Look, type Size, type Theme } from './look';
import type { State } from './states';

/** Where nothing is: the files are handed to the browser, and no server is needed. What pictures show for an address. */
const ORIGIN = 'http://nocobase.example.com';

const TYPES = new Map([
  ['.css', 'text/css'],
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
]);

/** A window with the gallery. */
export class GalleryVisit {
  /** What the page said that it must not say, since the last state was opened. */
  private errors: string[] = [];

  /** Whether the next state needs code that has not run: some modules keep what they read when they loaded. */
  private needsLoad = true;

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.errors.push(message.text());
      }
    });
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
  }

  static async begin(context: BrowserContext): Promise<GalleryVisit> {
    const files = await buildGallery();
    await context.route(`${ORIGIN}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      const body = files.get(pathname);
      return body
        ? route.fulfill({ body, contentType: `${TYPES.get(extname(pathname))}; charset=utf-8` })
        : route.fulfill({ status: 404 });
    });
    return new GalleryVisit(await context.newPage());
  }

  /** Opens a state, and waits until it looks as it stays. */
  async open(state: State, look: Partial<Look> = {}, size: Size = 'desktop'): Promise<void> {
    this.errors = [];
    await this.page.setViewportSize(sizes[size]);
    // A sign-in page leaves by itself only soon after it was opened, and not from another one of NocoBase's.
    const isFresh = state.first === 'atOnce';
    const readsOnce = ['link', 'test'].includes(state.page) || state.stored !== undefined || isFresh;
    if (isFresh) {
      await this.page.goto('about:blank');
    }
    await this.show(addressOf(state.name, look), this.needsLoad || readsOnce).catch((error: Error) => {
      this.needsLoad = true;
      throw new Error([error.message, ...this.errors].join('\n'));
    });
    this.needsLoad = readsOnce;
    await untilStill(this.page);
  }

  private async show(address: string, load: boolean): Promise<void> {
    if (load) {
      await this.page.goto(ORIGIN + address);
      await this.page.waitForFunction(() => document.documentElement.dataset.ready, undefined, { timeout: 20_000 });
    } else {
      await this.page.evaluate((query) => window.showState(query), address.replace(/^.*\?/, ''));
    }
  }

  /** Shows the state that is open in another theme or size, without loading it again. */
  async change({ theme, size }: { theme?: Theme; size?: Size }): Promise<void> {
    if (size) {
      await this.page.setViewportSize(sizes[size]);
    }
    if (theme) {
      await this.page.evaluate(([name, detail]) => dispatchEvent(new CustomEvent(name, { detail })), [
        THEME_EVENT,
        theme,
      ] as const);
    }
    await untilStill(this.page);
  }

  faults(): string[] {
    return this.errors;
  }
}
