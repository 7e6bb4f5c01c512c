import type { Environment } from '../dev/environment';
import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT } from '../dev/paths';
import { freePort } from '../dev/ports';
import { type Client, clients } from '../testing/browser/clients';
import { addSubApplication, seenAt, sendRaw, type RawAnswer } from '../testing/browser/deployments';
import { startDocumentedNginx, type DocumentedNginx, type Nginx } from '../testing/browser/deployments-nginx';
import { SettingsPage } from '../testing/browser/settings-page';
import { CALLBACK_PAGE, type Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAccount, addAdministrator, addAuthenticator, removeAuthenticators } from '../testing/browser/world';
import { startSurroundings, startWorld, type Surroundings, type World } from '../testing/browser/world';
import { describeNightly, isLongLane } from '../testing/nightly';

/** Without the ID of the request, which is another each time. */
const refusedAt = (location?: string) => location?.replace(/&request=[\da-f-]{36}$/, '');

const [v1, v2] = clients;
const SETTINGS = '/admin/settings/auth/authenticators';
const TITLE = 'Harbour Tech';
const MINUTES = 60_000;
/** Any code will do where none is redeemed. */
const CODE = '0f5c7d1e9a3b48c6';

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startSurroundings({
    hostRules: ['MAP localhost 127.0.0.1', 'MAP *.localhost 127.0.0.1'],
    // The proxies make their own certificates.
    flags: ['--ignore-certificate-errors'],
  });
});
afterAll(() => surroundings.stop());

/** A NocoBase for the tests of a `describe`. */
const shareNocoBase = (name: string, options?: () => { env?: Environment; port?: number; plugins?: 'all' }) =>
  shareWorld(async () =>
    startWorld(`deployments-${name}`, await packPlugin(), { ...options?.(), among: surroundings }),
  );

/** A proxy for the tests of a `describe`, as docs/deployments.md has it. */
function shareProxy(options: () => DocumentedNginx): () => string {
  let proxy: Nginx;
  beforeAll(async () => {
    proxy = await startDocumentedNginx(options());
  });
  afterAll(() => proxy.stop());
  return () => proxy.url;
}

const PROXY = 'nocobase.example.com';
const API_PROXY = 'api.example.com';

/** This machine under its other name, which browsers take for another site. */
const otherSite = (url: string) => url.replace('127.0.0.1', 'localhost');
const origin = (world: World) => new URL(world.nocobase.url).origin;
const addressOf = ({ origin, pathname }: URL) => origin + pathname;

/** The browser's requests to DingTalk not counted. */
const callsOfNocoBase = () => surroundings.emulator.calls.filter(({ path }) => !path.startsWith('/oauth2/'));

/** The values of `redirect_uri` with which a browser came to DingTalk. */
function redirectUrisAtDingTalk(): Set<string> {
  const visited = surroundings.emulator.calls.filter(({ path }) => path === '/oauth2/auth');
  return new Set(visited.flatMap(({ query }) => new URLSearchParams(query).getAll('redirect_uri')));
}

/** DingTalk's app has this Redirect URL registered, and no other address will do. */
function register(redirectUrl: string): void {
  const { settings, apps } = surroundings.emulator.data;
  settings.redirectMatch = 'exact';
  apps[0].redirectUrls = [redirectUrl];
}

const flowCookies = async ({ context }: Visitor) =>
  (await context.cookies()).filter(({ name }) => /^(__Host-)?nb_dingtalk_/.test(name));

interface Place {
  client: Client;
  world: () => World;
  redirectUrl: () => string;
  /** Stands before the path of every page, after the client's own base. */
  under?: string;
  /** Of what the pages keep in the browser. */
  storagePrefix?: string;
  cookiePath?: string;
}

/**
 * The whole way, with the page that shows the Redirect URL as the one first wanted. A placement is seen in one client:
 * the addresses are made by code that both share, and each client has as many placements as the other.
 */
function signInWorks({ client, world, redirectUrl, under = '', storagePrefix = 'NOCOBASE_', cookiePath = '/' }: Place) {
  visits(world, client)(`${client.client}: the settings show what DingTalk gets, and users get in`, async (visitor) => {
    register(redirectUrl());
    const authenticator = await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world());
    const user = await addAdministrator(world(), account, authenticator);

    await visitor.opens(under + SETTINGS);
    await visitor.button(TITLE).click();
    await visitor.choosesAccount(account);
    const secure = redirectUrl().startsWith('https:');
    const cookie = { secure, httpOnly: true, sameSite: 'Lax', path: cookiePath };
    expect(await flowCookies(visitor)).toEqual([expect.objectContaining(cookie)]);
    await visitor.agrees();
    await visitor.arrivesAt(under + SETTINGS);
    expect(await flowCookies(visitor)).toEqual([]);

    const settings = new SettingsPage(visitor);
    await settings.configure(TITLE);
    expect(await settings.redirectUrl.inputValue()).toBe(redirectUrl());
    expect(redirectUrisAtDingTalk()).toEqual(new Set([redirectUrl()]));
    expect(visitor.watch.redirectUrls.map(addressOf)).toEqual([redirectUrl()]);

    const token = (await visitor.remembers(`${storagePrefix}TOKEN`)) ?? undefined;
    const headers = { 'X-Authenticator': (await visitor.remembers(`${storagePrefix}AUTH`)) ?? '' };
    const { body } = await world().nocobase.request('auth:check', { token, headers });
    expect(body.data).toMatchObject({ id: user.id, phone: account.mobile });
  });
}

describe('APP_PUBLIC_PATH=/nocobase/', () => {
  const world = shareNocoBase('path', () => ({ env: { APP_PUBLIC_PATH: '/nocobase/' } }));
  const redirectUrl = () => `${origin(world())}/nocobase/api/dingtalk:redirect`;
  signInWorks({ client: v2, world, redirectUrl, cookiePath: '/nocobase' });

  it('who comes back with nothing is sent to the callback page under the path', async () => {
    const { headers } = await sendRaw(redirectUrl(), {});
    expect(refusedAt(headers.location)).toBe('/nocobase/signin/dingtalk#error=STATE_INVALID');
  });
});

// Such a path is in the table of `return-path.test.ts`; below, the API has a base of its own on another origin.
describeNightly('API_BASE_PATH=/backend/', () => {
  const world = shareNocoBase('api-path', () => ({ env: { API_BASE_PATH: '/backend/' } }));
  signInWorks({ client: v1, world, redirectUrl: () => `${origin(world())}/backend/dingtalk:redirect` });
});

describe('API_BASE_URL on another origin', () => {
  let port: number;
  beforeAll(async () => {
    port = await freePort();
  });
  const address = () => `http://127.0.0.1:${port}`;
  const pages = shareProxy(() => ({ example: PROXY, nocobase: address() }));
  const sendOn = (config: string) => config.replaceAll(`https://${PROXY}`, pages());
  const api = shareProxy(() => ({ example: API_PROXY, nocobase: address(), change: sendOn }));
  const nocobase = shareNocoBase('api-elsewhere', () => ({
    port,
    env: { API_BASE_URL: `${api()}/api/`, CORS_ORIGIN_WHITELIST: `${pages()},${otherSite(pages())}` },
  }));
  const apiUrl = () => `${api()}/api`;
  const world = () => seenAt(nocobase(), pages(), apiUrl());

  signInWorks({ client: v1, world, redirectUrl: () => `${apiUrl()}/dingtalk:redirect` });

  visits(world, v1)('who comes back with nothing is sent on to the pages', async (visitor) => {
    await visitor.page.goto(`${apiUrl()}/dingtalk:redirect`);
    await visitor.isTold('STATE_INVALID');
    expect(addressOf(new URL(visitor.page.url()))).toBe(visitor.url(CALLBACK_PAGE));
  });

  // `door.server.test.ts` refuses who brings no cookie.
  describeNightly('of another site', () => {
    const visit = visits(() => seenAt(nocobase(), otherSite(pages()), apiUrl()), v2);
    visit('browsers keep no cookie: neither NocoBase’s nor ours', async (visitor) => {
      await addAuthenticator(world(), { title: TITLE, autoSignup: true });
      await visitor.opens('/signin');
      await visitor.button(TITLE).waitFor();
      const { email, password } = world().nocobase.rootLogin;
      const status = await visitor.page.evaluate(
        async ([url, body]) => {
          const headers = { 'content-type': 'application/json', 'X-Authenticator': 'basic' };
          return (await fetch(url, { method: 'POST', credentials: 'include', headers, body })).status;
        },
        [`${apiUrl()}/auth:signIn`, JSON.stringify({ account: email, password })],
      );
      expect(status).toBe(200);
      expect(await visitor.context.cookies()).toEqual([]);

      const account = addAccount(world());
      await visitor.button(TITLE).click();
      await visitor.approves(account);
      await visitor.isTold('STATE_INVALID');
      expect(callsOfNocoBase()).toEqual([]);
    });
  });
});

describe('nothing set', () => {
  // A sub-application installs itself with all of them.
  const main = shareNocoBase('default', () => ({ plugins: isLongLane ? 'all' : undefined }));
  const mainRedirectUrl = () => `${origin(main())}/api/dingtalk:redirect`;

  it('without a proxy, the cookie of a sign-in is for this site alone and no page can read it', async () => {
    const authenticator = await addAuthenticator(main());
    const values = { page: `${origin(main())}/signin`, redirectUri: mainRedirectUrl() };
    const { headers } = await getAuthUrl(main(), authenticator, values);
    const [cookie] = headers['set-cookie']?.filter((line) => line.startsWith('nb_dingtalk_')) ?? [];
    expect(
      cookie
        .split('; ')
        .slice(1)
        .map((part) => part.toLowerCase()),
    ).toEqual(expect.arrayContaining(['path=/', 'httponly', 'samesite=lax']));
    expect(cookie).not.toMatch(/;\s*secure/i);
  });

  // Where the API is on another origin, there are two of these proxies with each push.
  describeNightly('behind a TLS-terminating proxy', () => {
    const proxy = shareProxy(() => ({ example: PROXY, nocobase: origin(main()) }));
    const world = () => seenAt(main(), proxy());
    signInWorks({ client: v2, world, redirectUrl: () => `${proxy()}/api/dingtalk:redirect` });
  });

  describe('behind a proxy that does not send X-Forwarded-Proto', () => {
    const change = (config: string) => config.replace(/^.*X-Forwarded-Proto.*$/m, '');
    const proxy = shareProxy(() => ({ example: PROXY, nocobase: origin(main()), change }));
    const world = () => seenAt(main(), proxy());

    visits(world, v1)('administrators read below the sentence which header is missing', async (visitor) => {
      await addAuthenticator(main(), { title: TITLE });
      await visitor.opens('/signin');
      await visitor.button(TITLE).click();
      await visitor.isTold('ORIGIN_NOT_TRUSTED');
      const cause = visitor.words('ORIGIN_NOT_TRUSTED_CAUSE');
      await visitor.page.getByText(cause, { exact: true }).waitFor();
      expect(cause).toContain('X-Forwarded-Proto');
      expect(await flowCookies(visitor)).toEqual([]);
      expect(surroundings.emulator.calls).toEqual([]);
    });

    it('NocoBase itself refuses every password there', async () => {
      const { email, password } = main().nocobase.rootLogin;
      const headers = { origin: proxy(), 'X-Authenticator': 'basic' };
      const values = { account: email, password };
      const { status, text } = await sendRaw(`${proxy()}/api/auth:signIn`, headers, values);
      expect(status).toBe(403);
      expect(text).toContain('Invalid sign-in origin');
    });
  });

  describe('a forged Host', () => {
    const evil = 'http://evil.example';
    const forgeries: [string, (own: string) => Record<string, string | string[]>][] = [
      ['Host', () => ({ host: 'evil.example' })],
      ['X-Forwarded-Host', () => ({ 'x-forwarded-host': 'evil.example' })],
      ['two hosts in a header', (own) => ({ 'x-forwarded-host': `evil.example, ${own}` })],
      ['two headers', (own) => ({ 'x-forwarded-host': ['evil.example', own] })],
      ['a user before the host', (own) => ({ 'x-forwarded-host': `${own}@evil.example` })],
      ['a slash after the host', () => ({ 'x-forwarded-host': 'evil.example/' })],
      ['a forged scheme too', () => ({ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' })],
    ];

    describe.each(forgeries)('%s', (_, headersFor) => {
      const forged = () => headersFor(new URL(origin(main())).host);

      it('who comes back with nothing stays on this origin', async () => {
        const { headers } = await sendRaw(mainRedirectUrl(), forged());
        expect(refusedAt(headers.location)).toBe('/signin/dingtalk#error=STATE_INVALID');
        expect(headers['cache-control']).toBe('no-store');
      });

      it('who comes back with a sign-in under way stays on this origin', async () => {
        const { state, cookie } = await begin(main(), mainRedirectUrl());
        const back = `${mainRedirectUrl()}?code=${CODE}&state=${state}`;
        const { headers } = await sendRaw(back, { ...forged(), cookie });
        expect(refusedAt(headers.location)).toBe('/signin/dingtalk#error=STATE_INVALID');
      });

      it('no sign-in begins for the address that a browser sees', async () => {
        const authenticator = await addAuthenticator(main());
        const values = { page: `${origin(main())}/signin`, redirectUri: mainRedirectUrl() };
        const { headers, text } = await getAuthUrl(main(), authenticator, values, forged());
        expect(text).toContain('"code":"ORIGIN_NOT_TRUSTED"');
        expect(headers['set-cookie']).toBeUndefined();
      });
    });

    describe('a sign-in that was begun under it', () => {
      const beginForged = async () => {
        const authenticator = await addAuthenticator(main());
        const values = { page: `${evil}/signin`, redirectUri: `${evil}/api/dingtalk:redirect` };
        return flowOf(authenticator, await getAuthUrl(main(), authenticator, values, { host: 'evil.example' }));
      };

      it('is refused by DingTalk, which has no such Redirect URL registered', async () => {
        register(mainRedirectUrl());
        const { url } = await beginForged();
        const answer = await fetch(url, { redirect: 'manual' });
        expect(answer.status).toBe(400);
        expect(answer.headers.get('location')).toBeNull();
      });

      it('leads nowhere by its state alone', async () => {
        const { state } = await beginForged();
        const { headers } = await sendRaw(`${mainRedirectUrl()}?code=${CODE}&state=${state}`, {});
        expect(refusedAt(headers.location)).toBe('/signin/dingtalk#error=STATE_INVALID');
      });

      visits(main, v1)('leads nowhere with its cookie planted in a browser', async (visitor) => {
        const { state, cookie } = await beginForged();
        const back = `${mainRedirectUrl()}?code=${CODE}&state=${state}`;
        // The control: under the forged host the two are valid.
        const control = await sendRaw(back, { host: 'evil.example', cookie });
        expect(control.headers.location).toMatch(/^http:\/\/evil\.example\/signin\/dingtalk#.*flow=/);

        const [name, value] = cookie.split('=');
        await visitor.context.addCookies([{ name, value, url: origin(main()) }]);
        await visitor.page.goto(back);
        await visitor.isTold('STATE_INVALID');
        expect(addressOf(new URL(visitor.page.url()))).toBe(origin(main()) + CALLBACK_PAGE);
        expect(callsOfNocoBase()).toEqual([]);
      });
    });
  });

  // The last one, as it changes the NocoBase of the others. With each push `flow.test.ts` holds that no application reads
  // the flow of another one, and `addresses.test.ts` that addresses name the application.
  describeNightly('a sub-application', () => {
    const NAME = 'branch';
    const under = `/apps/${NAME}`;
    let started: World;
    beforeAll(async () => {
      started = await addSubApplication(main(), NAME, `${NAME}.localhost`, readPackageJson(ROOT).name);
    }, 10 * MINUTES);
    beforeEach(() => removeAuthenticators(started));

    const branch = () => started;
    const ownDomain = () => origin(main()).replace('127.0.0.1', `${NAME}.localhost`);
    const redirectUrl = () => `${origin(main())}/api/__app/${NAME}/dingtalk:redirect`;

    describe('by path', () => {
      signInWorks({ client: v1, world: branch, redirectUrl, under, storagePrefix: `NOCOBASE_${NAME.toUpperCase()}_` });
    });

    describe('by its own domain', () => {
      const world = () => seenAt(branch(), ownDomain());
      signInWorks({ client: v2, world, redirectUrl: () => `${ownDomain()}/api/dingtalk:redirect` });
    });

    it('by ?__appName=', async () => {
      const { state, cookie } = await begin(branch(), redirectUrl(), under);
      const { headers } = await sendRaw(`${mainRedirectUrl()}?__appName=${NAME}&code=${CODE}&state=${state}`, {
        cookie,
      });
      expect(headers.location).toContain(`${origin(main())}${under}/signin/dingtalk#authenticator=`);
    });

    it.each([{ begun: 'the main application' }, { begun: 'the sub-application' }])(
      'a sign-in begun in $begun is refused by the other one',
      async ({ begun }) => {
        const places = [
          { world: main(), redirectUrl: mainRedirectUrl(), under: '', cookie: 'nb_dingtalk_main_' },
          { world: branch(), redirectUrl: redirectUrl(), under, cookie: `nb_dingtalk_${NAME}_` },
        ];
        const [here, there] = begun === 'the main application' ? places : places.reverse();
        const { authenticator, state, cookie } = await begin(here.world, here.redirectUrl, here.under);
        await addAuthenticator(there.world, { name: authenticator });
        // The control: where it was begun, it is accepted.
        const back = await sendRaw(`${here.redirectUrl}?code=${CODE}&state=${state}`, { cookie });
        expect(back.headers.location).toContain(`${here.under}/signin/dingtalk#authenticator=`);

        const own = `${cookie}; ${cookiesIn(back).join('; ')}`;
        expect(own).toContain('_code=');
        const renamed = own.replaceAll(here.cookie, there.cookie);
        for (const brought of [own, renamed]) {
          const { headers } = await sendRaw(`${there.redirectUrl}?code=${CODE}&state=${state}`, { cookie: brought });
          expect(refusedAt(headers.location)).toBe(`${there.under}/signin/dingtalk#error=STATE_INVALID`);
          const { status, body } = await there.world.nocobase.request('auth:signIn', {
            headers: { cookie: brought, 'X-Authenticator': authenticator },
            values: { flow: state.slice(0, 16) },
          });
          expect({ status, code: body.errors?.[0].code }).toEqual({ status: 401, code: 'STATE_INVALID' });
        }
        expect(callsOfNocoBase()).toEqual([]);
      },
    );
  });
});

interface BegunFlow {
  authenticator: string;
  /** Where the browser would go. */
  url: string;
  state: string;
  /** As a browser sends it back. */
  cookie: string;
}

/** Begins a sign-in as the pages do. */
async function begin(world: World, redirectUri: string, under = ''): Promise<BegunFlow> {
  const authenticator = await addAuthenticator(world);
  const values = { page: `${origin(world) + under}/signin`, redirectUri };
  return flowOf(authenticator, await getAuthUrl(world, authenticator, values));
}

function getAuthUrl(
  { nocobase }: World,
  authenticator: string,
  values: { page: string; redirectUri: string },
  headers: Record<string, string | string[]> = {},
): Promise<RawAnswer> {
  return sendRaw(`${nocobase.apiUrl}/dingtalk:getAuthUrl`, { ...headers, 'X-Authenticator': authenticator }, values);
}

const cookiesIn = ({ headers }: Pick<RawAnswer, 'headers'>) =>
  headers['set-cookie']?.map((line) => line.split(';')[0]) ?? [];

function flowOf(authenticator: string, { status, headers, text }: RawAnswer): BegunFlow {
  expect(status).toBe(200);
  const { url } = JSON.parse(text).data;
  const cookie = cookiesIn({ headers }).find((pair) => pair.startsWith('nb_dingtalk_')) ?? '';
  return { authenticator, url, state: new URL(url).searchParams.get('state') ?? '', cookie };
}
