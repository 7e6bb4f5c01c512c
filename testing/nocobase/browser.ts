import { Cookie, CookieJar } from 'tough-cookie';

/** What a load balancer tells of the address that the browser knows. */
function forwarded(origin: string): Record<string, string> {
  const { host, protocol } = new URL(origin);
  return { 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) };
}

interface Init extends Omit<RequestInit, 'headers'> {
  /** Sent by POST, as a page of this origin sends it. */
  json?: unknown;
  headers?: Record<string, string>;
}

/** As much of a browser as a sign-in needs over HTTP: it keeps cookies as browsers do, and tells its origin. */
export class Browser {
  constructor(
    readonly origin: string,
    private readonly locale = 'en-US',
    /** Where a load balancer sends the requests to. */
    private readonly node = origin,
    private readonly jar = new CookieJar(undefined, { prefixSecurity: 'strict' }),
  ) {}

  /** The same browser, once the load balancer sends it to this node. */
  through(node: string): Browser {
    return new Browser(this.origin, this.locale, node, this.jar);
  }

  /** The cookies that it sends to NocoBase. */
  get cookies(): Map<string, string> {
    return new Map(this.jar.getCookiesSync(`${this.origin}/api/`).map(({ key, value }) => [key, value]));
  }

  /** What its user, or a page of this origin, can do. */
  setCookie(key: string, value: string): void {
    const secure = this.origin.startsWith('https:');
    this.jar.setCookieSync(new Cookie({ key, value, path: '/', secure }), `${this.origin}/`);
  }

  setCookies(cookies: Map<string, string>): void {
    cookies.forEach((value, name) => this.setCookie(name, value));
  }

  /** What a page of a sibling domain can do, as any host may set cookies for the domain above it. */
  plantFromSibling(name: string, value: string): void {
    const { protocol, hostname } = new URL(this.origin);
    const cookie = `${name}=${value}; Domain=${hostname}; Path=/${protocol === 'https:' ? '; Secure' : ''}`;
    this.jar.setCookieSync(cookie, `${protocol}//evil.${hostname}/`, { ignoreError: true });
  }

  clearCookies(): void {
    this.jar.removeAllCookiesSync();
  }

  async fetch(path: string, { json, headers, ...init }: Init = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.node), {
      redirect: 'manual',
      ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
      ...init,
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json', origin: this.origin }),
        ...(this.node !== this.origin && forwarded(this.origin)),
        'x-locale': this.locale,
        cookie: this.jar.getCookieStringSync(this.origin + path),
        ...headers,
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      this.jar.setCookieSync(cookie, this.origin + path, { ignoreError: true });
    }
    return response;
  }
}
