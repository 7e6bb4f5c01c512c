import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page, Request, WebError } from 'playwright-core';

interface Address {
  how: 'request' | 'referer' | 'page';
  url: URL;
}

/** Playwright never tells all headers of some requests whose page went away; those it knew at once are noted. */
const SECONDS_FOR_HEADERS = 5;
const REDIRECT_URL = /\/dingtalk:redirect$/;
const JWT = /eyJ[\w-]+\./;
/** The last one is what the pictures show for an address. */
const THIS_MACHINE = /^(127\.0\.0\.1|(.+\.)?localhost|nocobase\.example\.com)$/;

/** Sees every address that a browser visits, and every error that a page does not catch. */
export class Watch {
  private readonly addresses: Address[] = [];
  private readonly errors: string[] = [];
  private readonly pending = new Set<Promise<void>>();
  private allowed: RegExp | undefined;

  constructor(private readonly context: BrowserContext) {
    context.on('weberror', this.onError).on('request', this.onRequest).on('page', this.watchPage);
  }

  /** A context outlives its visitor where the next one uses it again. */
  stop(): void {
    this.context.off('weberror', this.onError).off('request', this.onRequest).off('page', this.watchPage);
  }

  /** Where the browser has been. */
  origins(): Set<string> {
    return new Set(this.addresses.filter(({ how }) => how === 'page').map(({ url }) => url.origin));
  }

  private readonly onError = (webError: WebError): void => {
    const error = webError.error();
    this.errors.push(`error on ${webError.page()?.url()}: ${error.stack ?? error.message}`);
  };

  private readonly onRequest = (request: Request): void => {
    this.note('request', request.url());
    this.note('referer', request.headers().referer);
    const headers = request.allHeaders().then(
      ({ referer }) => this.note('referer', referer),
      // The page went away meanwhile.
      () => undefined,
    );
    this.pending.add(headers);
    void headers.then(() => this.pending.delete(headers));
  };

  private readonly watchPage = (page: Page): void => {
    page.on('framenavigated', (frame) => this.note('page', frame.url()));
    page.on('websocket', (socket) => this.note('request', socket.url()));
    page.on('dialog', (dialog) => {
      this.errors.push(`dialog on ${page.url()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
  };

  private note(how: Address['how'], address: string | undefined): void {
    const url = address && URL.canParse(address) ? new URL(address) : undefined;
    if (url && /^(https?|wss?):$/.test(url.protocol)) {
      this.addresses.push({ how, url });
    }
  }

  /** For errors of NocoBase's own pages. */
  allowError(pattern: RegExp): void {
    this.allowed = pattern;
  }

  /** What must never happen, whatever the test is about. */
  async faults(): Promise<string[]> {
    await Promise.race([Promise.all(this.pending), sleep(SECONDS_FOR_HEADERS * 1000, undefined, { ref: false })]);
    const outside = this.addresses.filter(({ url }) => !THIS_MACHINE.test(url.hostname));
    const told = this.addresses.filter((address) => this.tellsSecret(address));
    return [
      ...this.errors.filter((error) => !this.allowed?.test(error)),
      ...outside.map(({ how, url }) => `${how} outside of this machine: ${url.href}`),
      ...told.map(({ how, url }) => `${how} with a secret in its address: ${url.href}`),
    ];
  }

  /** Servers log path and query, and Referers carry them; scripts and extensions read the fragment as well. */
  private tellsSecret({ how, url }: Address): boolean {
    const visible = url.pathname + url.search + url.hash;
    if (JWT.test(visible)) {
      return true;
    }
    const mayTell = how === 'request' && REDIRECT_URL.test(url.pathname);
    return !mayTell && this.codes.some((code) => visible.includes(code));
  }

  /** The authorization codes that came back from DingTalk. */
  get codes(): string[] {
    return this.redirectUrls.flatMap(({ searchParams }) => searchParams.getAll('code'));
  }

  /** The Redirect URL, each time that it was visited. */
  get redirectUrls(): URL[] {
    return this.addresses
      .filter(({ how, url }) => how === 'request' && REDIRECT_URL.test(url.pathname))
      .map(({ url }) => url);
  }
}
