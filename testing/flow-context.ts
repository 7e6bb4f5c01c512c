import type { Context } from '@nocobase/actions';

interface Options {
  /** Header `Cookie` of the request. */
  cookie?: string;
  secure?: boolean;
  app?: string;
  secret?: string;
}

/** As much of a request as a flow needs; `set` has the cookies that were set, `name=value`. */
export function flowContext({ cookie = '', secure = false, app = 'main', secret = 'secret' }: Options = {}) {
  const set: string[] = [];
  const headers = secure ? { 'x-forwarded-proto': 'https' } : {};
  const ctx = {
    app: { name: app, authManager: { jwt: { getSecret: () => secret } } },
    protocol: secure ? 'https' : 'http',
    secure,
    headers,
    req: { headers },
    get: (name: string) => (name.toLowerCase() === 'cookie' ? cookie : ''),
    cookies: { set: (name: string, value: string | null) => set.push(`${name}=${value ?? ''}`) },
  };
  return Object.assign(ctx as unknown as Context, { set });
}
