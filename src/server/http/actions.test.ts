import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import { definePostAction } from './actions';

interface Request {
  method?: string;
  headers?: Record<string, string>;
  values?: object;
}

const pending = { confirmation: 'c', authenticator: 'dingtalk', title: null, account: { nickname: 'Ada' } };
const approved = { flow: 'a-flow' };

/** As much of a request as an action needs; `logged` is what NocoBase's request log and audit log read of its body. */
function requestContext({ method = 'POST', headers = {}, values = approved }: Request = {}) {
  const all: Record<string, string> = { host: 'nocobase.example.com', ...headers };
  const ctx = {
    method,
    headers: all,
    state: {},
    req: { headers: all },
    request: { body: values, header: all, headers: all },
    action: { params: { values } },
    protocol: 'https',
    host: all.host,
    get: (name: string) => all[name.toLowerCase()] ?? '',
    set: () => undefined,
    t: (key: string) => key,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    throw(status: number, message: string, properties: object): never {
      throw Object.assign(new Error(message), { status, ...properties });
    },
  };
  const logged = () => [ctx.request.body, ctx.action.params.values];
  return Object.assign(ctx as unknown as Context, { logged });
}

/** The action that brings an account, except for what it does. */
function defineLink(run: (ctx: Context) => Promise<typeof pending>) {
  const { handler } = definePostAction('link', {
    topic: 'link',
    body: z.object({ flow: z.string() }),
    authenticatorOf: () => undefined,
    run,
  });
  return (ctx: Context) => handler(ctx, async () => undefined);
}

describe('an action of a client', () => {
  const run = jest.fn(async () => pending);
  const link = defineLink(run);

  beforeEach(() => run.mockClear());

  it('answers a POST', async () => {
    const ctx = requestContext();
    await link(ctx);
    expect(ctx.body).toEqual(pending);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('T03: refuses the same by %s', async (method) => {
    await expect(link(requestContext({ method }))).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(run).not.toHaveBeenCalled();
  });

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of another site that hides its origin', { referer: 'https://evil.example/page' }],
  ])('refuses %s', async (_, headers) => {
    await expect(link(requestContext({ headers }))).rejects.toMatchObject({ code: 'ORIGIN_NOT_TRUSTED' });
    expect(run).not.toHaveBeenCalled();
  });

  it('T14: leaves nothing of a body to the logs of NocoBase, while it runs and after', async () => {
    let meanwhile: unknown;
    const ctx = requestContext();
    await defineLink(async () => {
      meanwhile = ctx.logged();
      return pending;
    })(ctx);
    expect([meanwhile, ctx.logged()]).toEqual([
      [{}, {}],
      [{}, {}],
    ]);
  });

  it('T14: leaves nothing of a body that it refuses to the logs of NocoBase', async () => {
    const ctx = requestContext({ values: { flow: [approved.flow] } });
    await expect(link(ctx)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(ctx.logged()).toEqual([{}, {}]);
  });

  it('leaves the authenticator and the user that its schema knows', async () => {
    const values = { authenticator: 'dingtalk', user: '7', secret: 'x' };
    const { handler } = definePostAction('unlinkUser', {
      topic: 'link',
      body: z.object({ authenticator: z.string(), user: z.union([z.number(), z.string()]) }),
      authenticatorOf: (_, { authenticator }) => authenticator,
      run: async () => ({}),
    });
    const ctx = requestContext({ values });
    await handler(ctx, async () => undefined);
    const shown = { authenticator: 'dingtalk', user: '7' };
    expect(ctx.logged()).toEqual([shown, shown]);
  });
});
