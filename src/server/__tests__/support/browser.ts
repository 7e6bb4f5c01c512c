/** As much of a browser as a sign-in needs over HTTP: it keeps cookies, and says where it is. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly origin: string,
    private readonly locale = 'en-US',
    /** Where a load balancer sends the requests to. */
    private readonly node = origin,
  ) {}

  async fetch(
    path: string,
    { json, headers, ...init }: RequestInit & { json?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(new URL(path, this.node), {
      redirect: 'manual',
      ...init,
      ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json', origin: this.origin }),
        ...(this.node !== this.origin && { 'x-forwarded-host': new URL(this.origin).host }),
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
