import { Harness, CLIENT, CORP, MINUTE, OTHER_CORP } from '../../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const REDIRECT = 'https://app.example.com/cb';
const request = { client_id: CLIENT.clientId, redirect_uri: REDIRECT, response_type: 'code', scope: 'openid' };

const address = (changes: Record<string, string | undefined> = {}, path = '/oauth2/auth') => {
  const all = Object.entries({ ...request, prompt: 'consent', state: 's', ...changes });
  const query = all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return `${path}?${new URLSearchParams(query).toString()}`;
};

const view = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  location: response.headers.get('location'),
  html: await response.text(),
});
const open = async (changes = {}) => view(await harness.fetch(address(changes)));
const press = async (fields: Record<string, string>, changes = {}) =>
  view(await harness.form(address(changes), fields));
const agree = (account: string, changes = {}, fields = {}) => press({ account, decision: 'agree', ...fields }, changes);
const back = async (...values: Parameters<typeof agree>) => new URL(String((await agree(...values)).location));
const settings = () => harness.emulator.data.settings;

const refused = (text: string) => ({
  status: 400,
  type: 'text/html;charset=utf-8',
  location: null,
  html: expect.stringContaining(text) as unknown,
});

describe('the authorization request', () => {
  it.each(['client_id', 'redirect_uri', 'response_type', 'scope', 'prompt'])('%s is required', async (name) => {
    expect(await open({ [name]: undefined })).toEqual(refused(`The parameter &quot;${name}&quot; is missing.`));
  });

  it.each([
    [{ response_type: 'token' }, 'response_type must be'],
    [{ scope: 'corpid' }, 'scope must be'],
    [{ scope: 'openid Contact.User.Read' }, 'scope must be'],
    [{ prompt: 'login' }, 'prompt must be'],
    [{ client_id: 'unknown' }, 'Application does not exist'],
    [{ redirect_uri: 'javascript:alert(1)' }, 'redirect_url的域名不在appid的安全域名内'],
    [{ redirect_uri: '<script>' }, '&lt;script&gt;'],
  ])('%j is refused on the page itself', async (changes, text) => {
    expect(await open(changes)).toEqual(refused(text));
    expect(await agree('ada', changes)).toEqual(refused(text));
  });

  it('the app must be published', async () => {
    harness.app.published = false;
    expect(await open()).toEqual(refused('The app is not published.'));
  });

  it.each(['openid', 'openid corpid', 'openid+corpid'])('scope %s is known', async (scope) => {
    expect((await open({ scope, prompt: 'login consent' })).status).toBe(200);
  });

  it.each([
    ['origin', 'https://app.example.com', [REDIRECT, 'https://app.example.com']],
    ['origin', 'app.example.com', [REDIRECT]],
    ['prefix', 'https://app.example.com/c', ['https://app.example.com/c', 'https://app.example.com/c/b?x=1']],
    ['exact', REDIRECT, [REDIRECT]],
  ] as const)('%s: %s accepts its own', async (mode, registered, uris) => {
    settings().redirectMatch = mode;
    harness.app.redirectUrls = [registered];
    for (const redirect_uri of uris) {
      expect((await open({ redirect_uri })).status).toBe(200);
    }
  });

  it.each([
    ['origin', 'https://app.example.com', ['http://app.example.com/cb', 'https://app.example.com.evil.com/']],
    ['origin', 'app.example.com', ['https://app.example.com:8443/cb', 'https://app.example.com@evil.com/']],
    ['prefix', 'https://app.example.com/c', [REDIRECT, 'https://app.example.com.evil.com/c']],
    ['exact', REDIRECT, [`${REDIRECT}/`, `${REDIRECT}?x=1`]],
  ] as const)('%s: %s refuses others', async (mode, registered, uris) => {
    settings().redirectMatch = mode;
    harness.app.redirectUrls = [registered];
    for (const redirect_uri of uris) {
      expect((await open({ redirect_uri })).status).toBe(400);
    }
  });
});

describe('the sign-in page', () => {
  it('lists the accounts as buttons, escaped; challenge.htm is the same page', async () => {
    const { html, status } = await open();
    expect(status).toBe(200);
    for (const id of ['ada', 'ben', 'eve', 'lea', 'ext']) {
      expect(html).toMatch(new RegExp(`<button[^>]+data-account="${id}"`));
    }
    expect(html).toContain('Ada &lt;b&gt;&quot;1&quot;&lt;/b&gt;');
    expect(html).not.toContain('<b>');
    expect(await (await harness.fetch(address({}, '/oauth2/challenge.htm'))).text()).toBe(html);
  });

  it('an account, then the consent, then back with a code that works', async () => {
    const consent = await press({ account: 'ada' });
    expect(consent).toMatchObject({ status: 200, location: null });
    expect(consent.html).toMatch(/data-decision="agree"[^]*同意[^]*data-decision="refuse"[^]*拒绝/);

    const { status, location } = await agree('ada');
    expect(status).toBe(302);
    const code = new URL(String(location)).searchParams.get('code') ?? '';
    expect(location).toBe(`${REDIRECT}?code=${code}&authCode=${code}&state=s`);
    const { body } = await harness.exchange(code);
    expect(body).not.toHaveProperty('corpId');
    expect((await harness.withToken('/v1.0/contact/users/me', String(body.accessToken))).body.unionId).toBe(
      'union-ada',
    );
  });

  it('a code of the page works for five minutes', async () => {
    const code = (await back('ada')).searchParams.get('code') ?? '';
    harness.pass(5 * MINUTE);
    expect((await harness.exchange(code)).status).toBe(400);
  });

  it('an unknown account leads back to the list', async () => {
    expect((await agree('unknown')).html).toContain('data-account="ada"');
  });

  it('the answer keeps the query and stands before the hash; the state comes back as it went', async () => {
    const state = 'a b+c/=&#?%中';
    const url = await back('ada', { redirect_uri: `${REDIRECT}?x=%2F&y=1#/route?z=1`, state });
    expect(url.href).toMatch(/^https:\/\/app\.example\.com\/cb\?x=%2F&y=1&code=.+#\/route\?z=1$/);
    expect(url.searchParams.get('state')).toBe(state);
    expect((await back('ada', { state: undefined })).searchParams.has('state')).toBe(false);
  });

  it.each([
    ['code', ['code', 'state']],
    ['authCode', ['authCode', 'state']],
  ] as const)('the code may come as %s alone', async (name, expected) => {
    settings().codeParameter = name;
    expect([...(await back('ada')).searchParams.keys()]).toEqual(expected);
  });

  it('a refusal goes back with an error, or stays on the page', async () => {
    const refuse = { account: 'ada', decision: 'refuse' };
    expect((await press(refuse)).location).toBe(`${REDIRECT}?error=access_denied&state=s`);
    settings().refusal = 'page';
    expect(await press(refuse)).toEqual(refused('The authorization was refused.'));
  });

  it('the consent may be asked once, or never', async () => {
    settings().consent = 'first';
    expect((await press({ account: 'ada' })).status).toBe(200);
    await agree('ada');
    expect((await press({ account: 'ada' })).status).toBe(302);
    expect((await press({ account: 'ben' })).status).toBe(200);
    settings().consent = 'never';
    expect((await press({ account: 'ben' })).status).toBe(302);
  });

  it.each(['eve', 'lea', 'ext'])('%s is not in the organization', async (account) => {
    expect(await agree(account)).toEqual(refused('操作失败，你不在组织内'));
    settings().membersOnly = false;
    expect((await agree(account)).status).toBe(302);
  });
});

describe('the organization', () => {
  const scope = 'openid corpid';
  const corpOf = async (url: URL) => (await harness.exchange(url.searchParams.get('code') ?? '')).body.corpId;

  it('is chosen where the account has several', async () => {
    const chooser = await press({ account: 'ada' }, { scope });
    expect(chooser.html).toContain(`data-corp="${CORP}"`);
    expect(chooser.html).toContain('A &amp; B &lt;Ltd&gt;');
    const consent = await press({ account: 'ada', corpId: OTHER_CORP }, { scope });
    expect(consent.html).toContain(`name="corpId" value="${OTHER_CORP}"`);
    expect(await corpOf(await back('ada', { scope }, { corpId: OTHER_CORP }))).toBe(OTHER_CORP);
  });

  it('is not asked for when there is one, when it is given, or when only one is managed', async () => {
    expect(await corpOf(await back('ben', { scope }))).toBe(CORP);
    expect(await corpOf(await back('ada', { scope, corpId: OTHER_CORP }))).toBe(OTHER_CORP);
    expect(await corpOf(await back('ada', { scope, org_type: 'management' }))).toBe(CORP);
  });

  it('must be one of the account', async () => {
    expect(await agree('ben', { scope, corpId: OTHER_CORP })).toEqual(refused('You are not in that organization.'));
    expect(await agree('ben', { scope }, { corpId: OTHER_CORP })).toEqual(refused('You are not in that organization.'));
  });
});

describe('dedicated accounts', () => {
  const exclusive = { exclusiveLogin: 'true', exclusiveCorpId: CORP };
  const membership = {
    corpId: CORP,
    userid: '张伟01',
    name: 'Work',
    active: true,
    contact_type: 0,
    left: false,
  } as const;
  beforeEach(() => {
    const dedicated = { id: 'work', dedicatedTo: CORP, mobile: undefined };
    harness.emulator.addAccount({ ...dedicated, memberships: [{ ...membership, admin: false }] });
  });

  it('sign in on the page of their organization, which lists no others', async () => {
    const page = await open(exclusive);
    expect(page.html).toContain('data-account="work"');
    expect(page.html).not.toContain('data-account="ada"');
    expect((await agree('ada', exclusive)).html).toContain('data-account="work"');
    const consent = await press({ account: 'work' }, exclusive);
    expect(consent.html).toContain('data-decision="agree"');
    const { body } = await harness.exchange((await back('work', exclusive)).searchParams.get('code') ?? '');
    const profile = (await harness.withToken('/v1.0/contact/users/me', String(body.accessToken))).body;
    expect(profile).not.toHaveProperty('mobile');
  });

  it('are on no page for others', async () => {
    expect((await open()).html).not.toContain('data-account="work"');
    expect((await agree('work')).html).toContain('data-account="ada"');
    expect((await open({ ...exclusive, exclusiveCorpId: OTHER_CORP })).html).not.toContain('data-account="work"');
  });

  it('are asked for their organization where the address does not name it', async () => {
    const asked = await open({ exclusiveLogin: 'true' });
    expect(asked.html).toContain(`data-issuer="${CORP}"`);
    expect(asked.html).not.toContain(OTHER_CORP);
    expect(asked.html).not.toContain('data-account');
    const listed = await press({ issuer: CORP }, { exclusiveLogin: 'true' });
    expect(listed.html).toContain('data-account="work"');
    const consent = await press({ issuer: CORP, account: 'work' }, { exclusiveLogin: 'true' });
    expect(consent.html).toContain(`name="issuer" value="${CORP}"`);
    expect((await open({ exclusiveLogin: 'true', exclusiveCorpId: 'dingnone' })).status).toBe(400);
  });
});

it('of a whole company the page lists a hundred accounts, and takes the id of any other', async () => {
  for (let index = 0; index < 100; index++) {
    harness.emulator.addAccount();
  }
  const last = harness.emulator.data.accounts.at(-1)?.id ?? '';
  const page = (await open()).html;
  expect(page.match(/data-account=/g)).toHaveLength(100);
  expect(page).toContain('<input name="account"');
  expect(page).not.toContain(last);
  expect((await press({ account: last })).html).toContain('data-decision="agree"');
});
