/** What a load balancer tells of the address that the browser knows. */
function forwarded(origin: string): Record<string, string> {
  const { host, protocol } = new URL(origin);
  return { 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) };
}

/** As much of a browser as a sign-in needs over HTTP: it keeps cookies, and says where it is. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly origin: string,
    private readonly locale = 'en-US',
    /** Where a load balancer sends the requests to. */
    private readonly node = origin,
  ) {}

  /** What a page of a sibling domain can do, as any host may set cookies for the domain above it. */
  plant(name: string, value: string) {
    if (!name.startsWith('__Host-')) {
      this.cookies.set(name, value);
    }
  }

  async fetch(
    path: string,
    {
      json,
      headers,
      ...init
    }: Omit<RequestInit, 'headers'> & { json?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(new URL(path, this.node), {
      redirect: 'manual',
      ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
      ...init,
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json', origin: this.origin }),
        ...(this.node !== this.origin && forwarded(this.origin)),
        'x-locale': this.locale,
        cookie: [...this.cookies].map((cookie) => cookie.join('=')).join('; '),
        ...headers,
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      const gone = !value || /expires=Thu, 01 Jan 1970/i.test(cookie);
      if (gone) {
        this.cookies.delete(name);
      } else {
        this.cookies.set(name, value);
      }
    }
    return response;
  }
}
