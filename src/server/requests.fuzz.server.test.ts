import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { json, objectWith, runs, text } from '../../testing/fuzz';
import { Browser } from '../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { begin, comeBack, finish } from '../../testing/nocobase/sign-in';
import { withStub } from '../../testing/nocobase/stub';

describe('T03, T23: requests with anything in them', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>, examples: T[] = []) =>
    fc.assert(fc.asyncProperty(arbitrary, property), {
      numRuns: runs(60),
      examples: examples.map((example) => [example]),
    });

  /** Runs requests of which none may get in, and checks that they left nothing. */
  async function refused(work: () => Promise<void>) {
    const [before, calls] = [await nocobase.everything(), dingtalk.calls.length];
    await work();
    expect(await nocobase.everything()).toBe(before);
    expect(dingtalk.calls).toHaveLength(calls);
  }

  const post = async (action: string, body: string, browser = new Browser(nocobase.url)) => {
    const response = await browser.fetch(`/api/${action}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', origin: nocobase.url, 'x-authenticator': 'dingtalk' },
    });
    return { status: response.status, text: await response.text() };
  };
  const refusedWith = ({ status, text }: { status: number; text: string }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain('"token"');
  };

  it(
    'any callback query leads back to the sign-in page',
    () =>
      refused(() => {
        const names = [
          'code',
          'authCode',
          'state',
          'error',
          'state[a]',
          'state[]',
          '__proto__[x]',
          'constructor[prototype][x]',
        ];
        const name = fc.oneof(fc.constantFrom(...names), text);
        const parameter = fc.oneof(
          fc.tuple(name, text).map((pair) => String(new URLSearchParams([pair]))),
          fc.constantFrom(
            '%',
            '%zz',
            '%c0%af',
            '&&',
            '=',
            'state=%',
            `state=${'A'.repeat(43)}`,
            `code=${'x'.repeat(1500)}`,
          ),
        );
        return check(fc.array(parameter, { maxLength: 8 }), async (parameters) => {
          const response = await new Browser(nocobase.url).fetch(`/api/dingtalk:redirect?${parameters.join('&')}`);
          expect([response.status, response.headers.get('location')]).toEqual([
            302,
            expect.stringMatching(/^\/signin\/dingtalk#error=STATE_INVALID&request=[\da-f-]{36}$/),
          ]);
        });
      }),
    300_000,
  );

  it(
    'no body of auth:signIn signs in',
    () =>
      refused(() =>
        check(fc.oneof(objectWith('flow', 'code', 'state'), json, text), async (body) =>
          refusedWith(await post('auth:signIn', body)),
        ),
      ),
    300_000,
  );

  it(
    'no body of getAuthUrl is more than refused',
    () =>
      refused(() =>
        check(fc.oneof(objectWith('page', 'redirectUri'), json, text), async (body) =>
          refusedWith(await post('dingtalk:getAuthUrl', body)),
        ),
      ),
    300_000,
  );

  it('no cookies of a flow but the real ones lead to a call to DingTalk', async () => {
    const browser = new Browser(nocobase.url);
    const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
    const { fragment } = await comeBack(browser, { code: 'x', state });
    const { cookies } = browser;
    const printable = fc.stringMatching(/^[!-:<-~]*$/);
    const changed = (value: string) =>
      fc
        .tuple(fc.nat(value.length - 2), fc.constantFrom('A', 'z', '.', '-'))
        .map(([at, other]) => value.slice(0, at) + other + value.slice(at + 1));
    const forgery = fc.constantFrom(...cookies).chain(([name, value]) =>
      fc
        .oneof(
          printable,
          fc.tuple(printable, printable).map((parts) => parts.join('.')),
          changed(value),
        )
        .filter((forged) => forged !== value)
        .map((forged) => ({ name, forged })),
    );
    await refused(() =>
      check(forgery, async ({ name, forged }) => {
        browser.clearCookies();
        browser.setCookies(cookies);
        browser.setCookie(name, forged);
        const outcome = await post('auth:signIn', JSON.stringify({ flow: fragment.flow }), browser);
        refusedWith(outcome);
        expect(outcome.text).toContain('STATE_INVALID');
      }),
    );
    browser.setCookies(cookies);
    expect(await finish(browser, fragment)).toMatchObject({ code: 'CODE_INVALID' });
  }, 300_000);

  it('T20: whatever DingTalk answers is a sign-in or a refusal', async () => {
    const status = fc.oneof(
      { weight: 4, arbitrary: fc.constant(200) },
      { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
    );
    const profile = objectWith('unionId', 'openId', 'nick', 'mobile', 'stateCode', 'email', 'avatarUrl');
    // One that gets as far as the database.
    const likely = fc
      .tuple(text, text, text)
      .map(([nick, email, avatarUrl]) =>
        JSON.stringify({ unionId: `U${nick}`, mobile: '13900139000', nick, email, avatarUrl }),
      );
    const token = fc.oneof(fc.constant('{"accessToken":"x"}'), objectWith('accessToken', 'corpId'), json, text);
    const answers = fc.record({ token, profile: fc.oneof(likely, profile, json, text), status, late: status });
    let current: typeof good;
    const stub: RequestListener = ({ method }, response) => {
      const first = method === 'POST';
      response.writeHead(first ? current.status : current.late, { 'content-type': 'application/json' });
      response.end(first ? current.token : current.profile);
    };
    const good = {
      token: '{"accessToken":"x"}',
      profile: '{"unionId":"U","mobile":"13900139000"}',
      status: 200,
      late: 200,
    };
    let signedIn = 0;

    const property = async (answer: typeof good) => {
      current = answer;
      const browser = new Browser(nocobase.url);
      const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
      const { fragment } = await comeBack(browser, { code: 'x', state });
      const before = [await nocobase.countUsers(), await nocobase.bindings()];
      const outcome = await finish(browser, fragment);
      if (outcome.status === 200) {
        signedIn += 1;
        return;
      }
      expect(outcome.status).toBeGreaterThanOrEqual(400);
      expect(outcome.status).toBeLessThan(500);
      expect(outcome.message).toMatch(/^[A-Z].+\.$/);
      expect([await nocobase.countUsers(), await nocobase.bindings()]).toEqual(before);
    };

    await withStub(stub, () => check(answers, property, [good]));
    expect(signedIn).toBeGreaterThan(0);
  }, 300_000);
});
