import { inspect } from 'node:util';
import type { Context } from '@nocobase/actions';
import type { PhoneNumber } from 'libphonenumber-js';
import type { Account, FaultRule } from '../../emulator';
import { Browser } from '../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { addNaiveSignIn } from '../../testing/nocobase/naive-sign-in';
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { finish, type Outcome } from '../../testing/nocobase/sign-in';
import { withStub } from '../../testing/nocobase/stub';
import { follow, naive, ours, type Target } from '../../testing/nocobase/targets';
import english from '../locale/en-US.json';
import { phoneOf } from './accounts/phone';
import { phoneFingerprint } from './accounts/phone-fingerprint';

// Each attack first works on a sign-in that nothing protects (`naive`), and then fails on ours: the same steps, in the
// same NocoBase. Otherwise an attack could fail for a reason that has nothing to do with the defense.

let nocobase: NocoBase;
let dingtalk: DingTalk;

beforeAll(async () => {
  dingtalk = await startDingTalk();
  nocobase = await startNocoBase();
  addNaiveSignIn(nocobase.app);
  const { corpId } = dingtalk;
  for (const { authType } of [naive, ours]) {
    await nocobase.addAuthenticator(`${authType}-open`, { authType, autoSignup: true });
    await nocobase.addAuthenticator(`${authType}-known-only`, { authType });
    await nocobase.addAuthenticator(`${authType}-one-organization`, { authType, autoSignup: true, corpId });
    await nocobase.addAuthenticator(`${authType}-inside`, { authType, autoSignup: true, autoSignIn: true, corpId });
  }
  await nocobase.addUser({ nickname: 'Mallory', username: 'mallory', password: 'of-mallory' });
}, 60_000);

afterAll(async () => {
  await nocobase?.stop();
  await dingtalk?.close();
});

beforeEach(() => {
  dingtalk.data.faults = [];
  // NocoBase prints database errors, which some attacks on the unprotected sign-in cause.
  jest.spyOn(console, 'error').mockReturnValue();
  return nocobase.app.cache.reset();
});

afterEach(() => jest.restoreAllMocks());

const calls = (path = '') => dingtalk.calls.filter((call) => call.path.endsWith(path)).length;

/** Runs an attack on ours: it must end with this code, change nothing, and cost so many calls to DingTalk. */
async function expectRefused(code: string, attack: () => Promise<unknown>, cost = 0) {
  const [before, called] = [await nocobase.everything(), calls()];
  expect(await attack()).toBe(code);
  expect(await nocobase.everything()).toBe(before);
  expect(calls() - called).toBe(cost);
}

const newBrowser = (origin = nocobase.url) => new Browser(origin, 'en-US', nocobase.url);
const nameOf = ({ authType }: Target, name: string) => `${authType}-${name}`;
const newAccount = (nick: string, values: Partial<Account> = {}) => dingtalk.addAccount({ nick, ...values });

let count = 0;
/** Each time another one. */
const next = () => ++count;

/** The link that leads back from DingTalk after approval. The one who approves can change what DingTalk's address asks for. */
function approve(page: URL, account: Account, changed: { scope?: string; corpId?: string } = {}): URL {
  const { redirect_uri, state, scope, corpId } = Object.fromEntries(page.searchParams);
  const code = dingtalk.authorize({ clientId: CLIENT_ID, account: account.id, scope, corpId, ...changed });
  const link = new URL(redirect_uri);
  for (const [name, value] of Object.entries({ code, authCode: code, state })) {
    link.searchParams.append(name, value);
  }
  return link;
}

/** A browser that has begun, and the link that leads it back, which is not opened yet. */
async function beginAndApprove(target: Target, nick: string, origin?: string) {
  const browser = newBrowser(origin);
  const account = newAccount(nick);
  const link = approve(await target.begin(browser, nameOf(target, 'open')), account);
  return { browser, link, account };
}

const codeOf = (link: URL) => link.searchParams.get('code') ?? '';

async function nicknameOf(token = ''): Promise<string> {
  const response = await fetch(`${nocobase.url}/api/auth:check`, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()).data.nickname;
}

const endOf = async ({ token, code, status }: Outcome) =>
  token ? `signed in as ${await nicknameOf(token)}` : (code ?? `refused with ${status}`);

const open = async (browser: Browser, link: URL, authenticator?: string) =>
  endOf(await follow(browser, link, authenticator));

/** The whole way of a sign-in. */
async function signIn(target: Target, authenticator: string, account: Account) {
  const browser = newBrowser();
  return open(browser, approve(await target.begin(browser, nameOf(target, authenticator)), account));
}

async function signInInside(target: Target, account: Account) {
  const code = dingtalk.jsapiCode({ clientId: CLIENT_ID, account: account.id, corpId: dingtalk.corpId });
  return endOf(await target.finishInside(newBrowser(), nameOf(target, 'inside'), code));
}

// Login CSRF: the victim is signed in as the attacker, and then works, and types secrets, in the attacker's account.

it('T01 login CSRF: a link of the attacker', async () => {
  const attacker = await beginAndApprove(naive, 'Attacker');
  expect(await open(newBrowser(), attacker.link)).toBe('signed in as Attacker');

  const { link } = await beginAndApprove(ours, 'Attacker');
  await expectRefused('STATE_INVALID', () => open(newBrowser(), link));
});

/** The attacker's link, in a browser into which a page on a sibling domain has put the attacker's cookies. */
async function victimWithPlantedCookies(target: Target, origin: string) {
  const { link, browser } = await beginAndApprove(target, 'Attacker', origin);
  const victim = newBrowser(origin);
  for (const [name, value] of browser.cookies) {
    [name, name.replace('__Host-', '')].forEach((planted) => victim.plantFromSibling(planted, value));
  }
  return { victim, link };
}

it('T01 login CSRF: a link and cookies of the attacker, from a sibling domain, over https', async () => {
  const unprotected = await victimWithPlantedCookies(naive, 'https://nb.example');
  expect(await open(unprotected.victim, unprotected.link)).toBe('signed in as Attacker');

  const { victim, link } = await victimWithPlantedCookies(ours, 'https://nb.example');
  await expectRefused('STATE_INVALID', () => open(victim, link));
});

it('T01 login CSRF: over plain http, where no cookie is safe, a sibling domain works here too', async () => {
  const { victim, link } = await victimWithPlantedCookies(ours, 'http://nb.example');
  expect(await open(victim, link)).toBe('signed in as Attacker');
});

// Replay

it('T02 replay: a link back from DingTalk, intercepted before its browser opened it', async () => {
  const unprotected = await beginAndApprove(naive, 'Victim');
  expect(await open(newBrowser(), unprotected.link)).toBe('signed in as Victim');

  const { link } = await beginAndApprove(ours, 'Victim');
  await expectRefused('STATE_INVALID', () => open(newBrowser(), link));
});

it('T02 replay: a used state, with another code and the cookies of the first time', async () => {
  const prepare = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Victim');
    const restored = newBrowser();
    restored.setCookies(browser.cookies);
    await follow(browser, link);
    const otherCode = codeOf((await beginAndApprove(target, 'Attacker')).link);
    link.searchParams.set('code', otherCode);
    link.searchParams.set('authCode', otherCode);
    return { restored, link };
  };
  const unprotected = await prepare(naive);
  expect(await open(unprotected.restored, unprotected.link)).toBe('signed in as Attacker');

  const { restored, link } = await prepare(ours);
  await expectRefused('STATE_INVALID', () => open(restored, link));
});

it('T02 replay: one link twenty times at once costs one exchange of the code', async () => {
  const exchanges = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Victim');
    const before = calls('/userAccessToken');
    await Promise.all(Array.from({ length: 20 }, () => follow(browser, link)));
    return calls('/userAccessToken') - before;
  };
  expect(await exchanges(naive)).toBe(20);
  expect(await exchanges(ours)).toBe(1);
});

// A second door

it('T03 second door: a stolen code, sent to auth:signIn without a state', async () => {
  const attack = async (target: Target, link: URL) =>
    endOf(await finish(newBrowser(), { authenticator: nameOf(target, 'open'), code: codeOf(link) }));
  const unprotected = await beginAndApprove(naive, 'Victim');
  expect(await attack(naive, unprotected.link)).toBe('signed in as Victim');

  const { link } = await beginAndApprove(ours, 'Victim');
  await expectRefused('REQUEST_INVALID', () => attack(ours, link));
});

it('T03 second door: a link to auth:signIn, where a cookie names the authenticator', async () => {
  const attack = async (target: Target, browser: Browser, link: URL) => {
    browser.setCookie('nb_authenticator_main', nameOf(target, 'open'));
    const { data, errors } = await (await browser.fetch(`/api/auth:signIn${link.search}`)).json();
    return endOf({ ...data, ...errors?.[0] });
  };
  const unprotected = await beginAndApprove(naive, 'Attacker');
  expect(await attack(naive, unprotected.browser, unprotected.link)).toBe('signed in as Attacker');

  const { browser, link } = await beginAndApprove(ours, 'Attacker');
  await expectRefused('AUTHENTICATOR_UNAVAILABLE', () => attack(ours, browser, link));
});

it('T03 second door: a link that signs in with the attacker’s password, past NocoBase’s check of the origin', async () => {
  const attack = (target: Target) => {
    const link = new URL(`/api/${target.resource}:redirect`, nocobase.url);
    // NocoBase selects the first authenticator for a name that does not exist.
    const values = { authenticator: 'nobody', account: 'mallory', password: 'of-mallory' };
    link.search = new URLSearchParams({ ...values, redirect: '/admin', state: 'A'.repeat(43) }).toString();
    return open(newBrowser(), link);
  };
  expect(await attack(naive)).toBe('signed in as Mallory');
  await expectRefused('STATE_INVALID', () => attack(ours));
});

it('T03 second door: an action that is added later without access for anyone', async () => {
  const later = (ctx: object, next: () => Promise<unknown>) => {
    Object.assign(ctx, { body: 'for administrators' });
    return next();
  };
  const attack = async ({ resource }: Target) => {
    const { data, errors } = await (await newBrowser().fetch(`/api/${resource}:later`)).json();
    return data ?? errors[0].code;
  };
  for (const { resource } of [naive, ours]) {
    nocobase.app.resourceManager.getResource(resource).addAction('later', later);
  }
  expect(await attack(naive)).toBe('for administrators');
  await expectRefused('EMPTY_TOKEN', () => attack(ours));
});

// Open redirect

/** Where the browser is in the end: on another host, with or without the token, or signed in. */
async function destinationOf({ address, redirect, ...outcome }: Outcome & { address: URL }) {
  const { host, searchParams } = new URL(redirect ?? address, nocobase.url);
  const elsewhere = searchParams.has('token') ? `${host} has the token` : `led to ${host}`;
  return host === 'evil.example' ? elsewhere : endOf(outcome);
}

it('T04 open redirect: a link to DingTalk’s own page, whose way back names the target', async () => {
  const prepare = async (target: Target) => {
    const page = await target.begin(newBrowser(), nameOf(target, 'open'));
    const back = new URL(page.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('redirect', '//evil.example');
    page.searchParams.set('redirect_uri', back.href);
    return approve(page, newAccount('Victim'));
  };
  const attack = async (link: URL) => destinationOf(await follow(newBrowser(), link));
  expect(await attack(await prepare(naive))).toBe('evil.example has the token');

  const link = await prepare(ours);
  await expectRefused('STATE_INVALID', () => attack(link));
});

it('T04 open redirect: a link to the sign-in page that names the target is ignored', async () => {
  const attack = async (target: Target) => {
    const browser = newBrowser();
    const page = await target.begin(browser, nameOf(target, 'open'), '//evil.example');
    return destinationOf(await follow(browser, approve(page, newAccount('Victim'))));
  };
  expect(await attack(naive)).toBe('evil.example has the token');
  expect(await attack(ours)).toBe('signed in as Victim');
});

it('T05 token leak: the browser’s history has no token', async () => {
  const attack = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Victim');
    const { address, token = 'none' } = await follow(browser, link);
    return { nickname: await nicknameOf(token), inHistory: [link, address].some(({ href }) => href.includes(token)) };
  };
  expect(await attack(naive)).toEqual({ nickname: 'Victim', inHistory: true });
  expect(await attack(ours)).toEqual({ nickname: 'Victim', inHistory: false });
});

it('T06 mix-up: a sign-in that began with one authenticator and ends with another', async () => {
  const prepare = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Attacker');
    const other = nameOf(target, 'one-organization');
    link.searchParams.set('authenticator', other);
    return () => open(browser, link, other);
  };
  expect(await (await prepare(naive))()).toBe('signed in as Attacker');
  await expectRefused('STATE_INVALID', await prepare(ours));
});

// Takeover by phone number: the attacker's account is taken for a user that is not the attacker's.

it('T10 takeover: a DingTalk account without a number, while an administrator has none either', async () => {
  const attacker = () => newAccount('Attacker', { mobile: undefined, stateCode: undefined });
  expect(await signIn(naive, 'known-only', attacker())).toBe('signed in as Root');
  await expectRefused('PHONE_UNAVAILABLE', () => signIn(ours, 'known-only', attacker()), 2);
});

/** An account of the attacker with this number or address, and a user of the victim with the same. */
async function attackerLike(values: Partial<Account>) {
  const { mobile, email } = values;
  await nocobase.addUser({ nickname: 'Victim', phone: mobile, email });
  return newAccount('Attacker', values);
}

it('T10 takeover: a German number with the digits of a Chinese one', async () => {
  const attacker = () => attackerLike({ stateCode: '49', mobile: `152${70_000_000 + next()}` });
  expect(await signIn(naive, 'known-only', await attacker())).toBe('signed in as Victim');
  const account = await attacker();
  await expectRefused('USER_NOT_FOUND', () => signIn(ours, 'known-only', account), 2);
});

it('T10 takeover: a masked number, of which there are many', async () => {
  const attacker = () => attackerLike({ mobile: `${200 + next()}****3240` });
  expect(await signIn(naive, 'known-only', await attacker())).toBe('signed in as Victim');
  const account = await attacker();
  await expectRefused('PHONE_UNAVAILABLE', () => signIn(ours, 'known-only', account), 2);
});

it('T10 takeover: a number that the carrier gave to another owner', async () => {
  const prepare = async (target: Target) => {
    const owner = newAccount('Owner');
    await nocobase.addUser({ nickname: 'Victim', phone: owner.mobile });
    expect(await signIn(target, 'known-only', owner)).toBe('signed in as Victim');
    return newAccount('Attacker', { mobile: owner.mobile });
  };
  expect(await signIn(naive, 'known-only', await prepare(naive))).toBe('signed in as Victim');
  const account = await prepare(ours);
  await expectRefused('ACCOUNT_ALREADY_LINKED', () => signIn(ours, 'known-only', account), 2);
});

it('T10 takeover: a user who entered the victim’s number, and gets the victim’s sign-in', async () => {
  const prepare = async () => {
    const victim = newAccount('Victim');
    await nocobase.addUser({ nickname: 'Victim', phone: victim.mobile?.replace(/^(...)(....)/, '$1.$2.') });
    await nocobase.addUser({ nickname: 'Impostor', phone: victim.mobile });
    return victim;
  };
  expect(await signIn(naive, 'known-only', await prepare())).toBe('signed in as Impostor');
  const victim = await prepare();
  await expectRefused('PHONE_AMBIGUOUS', () => signIn(ours, 'known-only', victim), 2);
});

it('T10 takeover: the e-mail address of another user', async () => {
  const attacker = () => attackerLike({ email: `victim${next()}@example.com` });
  expect(await signIn(naive, 'known-only', await attacker())).toBe('signed in as Victim');
  const account = await attacker();
  await expectRefused('USER_NOT_FOUND', () => signIn(ours, 'known-only', account), 2);
});

// Becoming somebody with more rights, or coming back

/** A member whose name, and whose phone number in the organization's address book, somebody has entered. */
function member(nick: string, mobile?: string): Account {
  const account = newAccount(nick);
  Object.assign(account.memberships[0], { name: nick, ...(mobile && { mobile }) });
  return account;
}

const setNumberOfRoot = (phone: string | null) =>
  nocobase.db.getRepository('users').update({ filterByTk: 1, values: { phone } });

/** A phone number that root gets. */
async function numberOfRoot(): Promise<string> {
  const phone = `139${80_000_000 + next()}`;
  await setNumberOfRoot(phone);
  return phone;
}

/** For what comes after. */
async function unbindRoot() {
  await setNumberOfRoot(null);
  await nocobase.db.getRepository('usersAuthenticators').destroy({ filter: { userId: 1 } });
}

it('T30 privilege: an employee whose number in the address book was changed to that of root', async () => {
  expect(await signInInside(naive, member('Employee', await numberOfRoot()))).toBe('signed in as Root');
  await unbindRoot();
  const employee = member('Employee', await numberOfRoot());
  // The app's token is one of the calls.
  await expectRefused('LINK_FIRST', () => signInInside(ours, employee), 3);
  await unbindRoot();
});

it('T30 privilege: the new owner of an old number of root, in a browser', async () => {
  const owner = async () => newAccount('New owner', { mobile: await numberOfRoot() });
  expect(await signIn(naive, 'known-only', await owner())).toBe('signed in as Root');
  await unbindRoot();
  const account = await owner();
  await expectRefused('LINK_FIRST', () => signIn(ours, 'known-only', account), 2);
  await unbindRoot();
});

it('T32 takeover: two users who are bound to one account', async () => {
  const prepare = async (target: Target) => {
    const account = newAccount('Second');
    const bindings = nocobase.db.getRepository('usersAuthenticators');
    for (const nickname of ['First', 'Second']) {
      const userId = (await nocobase.addUser({ nickname })).get('id');
      const { unionId: uuid } = account;
      await bindings.create({
        values: { authenticator: nameOf(target, 'open'), userId, uuid, meta: { unionId: uuid } },
      });
    }
    return account;
  };
  expect(await signIn(naive, 'open', await prepare(naive))).toBe('signed in as First');
  const account = await prepare(ours);
  await expectRefused('ACCOUNT_AMBIGUOUS', () => signIn(ours, 'open', account), 2);
});

it('T33 takeover: the same number, after a wrong link was taken away', async () => {
  const prepare = async (target: Target) => {
    const account = newAccount('Stranger');
    const user = await nocobase.addUser({ nickname: 'Victim', phone: account.mobile });
    expect(await signIn(target, 'known-only', account)).toBe('signed in as Victim');
    const userId = user.get('id');
    await nocobase.db.getRepository('usersAuthenticators').destroy({ filter: { userId } });
    const { unionId } = account;
    await nocobase.db
      .getModel('dingtalkExclusions')
      .create({ authenticator: nameOf(target, 'known-only'), reason: 'unlinked', userId, unionId });
    return account;
  };
  expect(await signIn(naive, 'known-only', await prepare(naive))).toBe('signed in as Victim');
  const account = await prepare(ours);
  await expectRefused('LINK_FIRST', () => signIn(ours, 'known-only', account), 2);
});

it('T34 takeover: a user who was blocked, and deleted', async () => {
  const prepare = async (target: Target) => {
    const account = newAccount('Blocked');
    expect(await signIn(target, 'open', account)).toBe('signed in as Blocked');
    const { unionId } = account;
    await nocobase.db
      .getModel('dingtalkExclusions')
      .create({ authenticator: nameOf(target, 'open'), reason: 'blocked', unionId });
    await nocobase.db.getRepository('users').destroy({ filter: { phone: account.mobile } });
    return account;
  };
  expect(await signIn(naive, 'open', await prepare(naive))).toBe('signed in as Blocked');
  const account = await prepare(ours);
  await expectRefused('ACCOUNT_BLOCKED', () => signIn(ours, 'open', account), 2);
});

it('T34 takeover: a user who was never linked, was blocked, and deleted', async () => {
  const prepare = async (target: Target) => {
    const account = newAccount('Blocked');
    const user = await nocobase.addUser({ nickname: 'Never linked', phone: account.mobile });
    const authenticator = nameOf(target, 'open');
    await nocobase.db.getModel('dingtalkExclusions').create({
      authenticator,
      reason: 'blocked',
      userId: user.get('id'),
      phoneFingerprint: phoneFingerprint(
        { app: nocobase.app } as Context,
        authenticator,
        phoneOf(account) as PhoneNumber,
      ),
    });
    await user.destroy();
    return account;
  };
  expect(await signIn(naive, 'open', await prepare(naive))).toBe('signed in as Blocked');
  const account = await prepare(ours);
  await expectRefused('ACCOUNT_BLOCKED', () => signIn(ours, 'open', account), 2);
});

it('T35 privilege: a new user, while the default role is admin', async () => {
  const roles = nocobase.db.getRepository('roles');
  await roles.update({ filterByTk: 'admin', values: { default: true } });
  try {
    expect(await signIn(naive, 'open', newAccount('Stranger'))).toBe('signed in as Stranger');
    const user = await nocobase.db.getRepository('users').findOne({ sort: '-id', appends: ['roles'] });
    expect(user.roles.map(({ name }: { name: string }) => name)).toEqual(['admin']);
    const account = newAccount('Stranger');
    await expectRefused('USER_NOT_FOUND', () => signIn(ours, 'open', account), 2);
  } finally {
    await roles.update({ filterByTk: 'member', values: { default: true } });
  }
});

it('T36 privilege: an employee who was given the userid by which root was bound', async () => {
  const prepare = async (target: Target) => {
    const employee = member('Employee');
    employee.memberships[0].userid = `admin${next()}`;
    const { userid: uuid } = employee.memberships[0];
    await unbindRoot();
    await nocobase.db
      .getRepository('usersAuthenticators')
      .create({ values: { authenticator: nameOf(target, 'inside'), userId: 1, uuid } });
    return employee;
  };
  expect(await signInInside(naive, await prepare(naive))).toBe('signed in as Root');
  const employee = await prepare(ours);
  await expectRefused('LINK_FIRST', () => signInInside(ours, employee), 3);
  await unbindRoot();
});

// The wrong organization

it('T11 organization: an address of DingTalk’s page from which the organization was taken out', async () => {
  const prepare = async (target: Target) => {
    const browser = newBrowser();
    const page = await target.begin(browser, nameOf(target, 'one-organization'));
    const link = approve(page, newAccount('Stranger'), { scope: 'openid' });
    return () => open(browser, link);
  };
  expect(await (await prepare(naive))()).toBe('signed in as Stranger');
  await expectRefused('WRONG_ORGANIZATION', await prepare(ours), 1);
});

it('T11 organization: an address of DingTalk’s page that names another organization', async () => {
  const prepare = async (target: Target) => {
    const browser = newBrowser();
    const page = await target.begin(browser, nameOf(target, 'one-organization'));
    const link = approve(page, newAccount('Stranger'), { corpId: dingtalk.data.organizations[1].corpId });
    return () => open(browser, link);
  };
  expect(await (await prepare(naive))()).toBe('signed in as Stranger');
  await expectRefused('WRONG_ORGANIZATION', await prepare(ours), 1);
});

it('T11 organization: an external contact, inside DingTalk', async () => {
  const contact = () => {
    const account = newAccount('Stranger');
    Object.assign(account.memberships[0], { contact_type: 1, name: 'Stranger' });
    return account;
  };
  expect(await signInInside(naive, contact())).toBe('signed in as Stranger');
  await expectRefused('NOT_A_MEMBER', () => signInInside(ours, contact()), 3);
});

// What DingTalk answers

it('T20 answers: a ban that is taken for an account', async () => {
  dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'jsonBan' }];
  expect(await signIn(naive, 'open', newAccount('Banned'))).toBe('signed in as Root');
  await expectRefused('DINGTALK_BUSY', () => signIn(ours, 'open', newAccount('Banned')), 2);
});

it('T21 answers: fields that are none of DingTalk’s give no role and no ID', async () => {
  const attack = async (target: Target) => {
    const { browser, link, account } = await beginAndApprove(target, 'Attacker');
    const { unionId, nick, mobile } = account;
    const profile = { unionId, nick, mobile, roles: ['admin'], id: 1_000 * (900 + next()), meta: { a: 1 } };
    const { token } = await withStub(
      ({ method }, response) => response.end(JSON.stringify(method === 'POST' ? { accessToken: 'x' } : profile)),
      () => follow(browser, link),
    );
    expect(await nicknameOf(token)).toBe('Attacker');
    const filter = { phone: String(mobile) };
    const user = await nocobase.db.getRepository('users').findOne({ filter, appends: ['roles'] });
    return { roles: user.roles.map(({ name }: { name: string }) => name), hasId: user.id === profile.id };
  };
  expect(await attack(naive)).toEqual({ roles: ['admin'], hasId: true });
  expect(await attack(ours)).toEqual({ roles: ['member'], hasId: false });
});

it('T20 answers: numbers that DingTalk sends as texts', async () => {
  const colleague = () => {
    const account = newAccount('Colleague');
    account.memberships[0].name = 'Colleague';
    return account;
  };
  dingtalk.data.faults = [{ endpoint: 'v2/user/getuserinfo', fault: 'numbersAsStrings' }];
  expect(await signInInside(naive, colleague())).toBe('refused with 401');
  expect(await signInInside(ours, colleague())).toBe('signed in as Colleague');
});

it('answers: the code under the other of its two names', async () => {
  const attempt = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Colleague');
    link.searchParams.delete('code');
    return open(browser, link);
  };
  expect(await attempt(naive)).toBe('ERR_BAD_REQUEST');
  expect(await attempt(ours)).toBe('signed in as Colleague');
});

it('answers: a user who declines in DingTalk comes back to a page', async () => {
  const attempt = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Colleague');
    link.searchParams.delete('code');
    link.searchParams.delete('authCode');
    link.searchParams.set('error', 'access_denied');
    const { address, code } = await follow(browser, link);
    return [address.pathname, code];
  };
  expect(await attempt(naive)).toEqual(['/api/naive:redirect', 'ERR_BAD_REQUEST']);
  expect(await attempt(ours)).toEqual(['/signin/dingtalk', 'ACCESS_DENIED']);
});

it('answers: two colleagues with the same name before the @ of different addresses', async () => {
  const second = async (target: Target) => {
    const name = `zhang${next()}`;
    await signIn(target, 'open', newAccount('Zhang', { email: `${name}@one.example` }));
    return signIn(target, 'open', newAccount('Other Zhang', { email: `${name}@other.example` }));
  };
  expect(await second(naive)).toBe('refused with 400');
  expect(await second(ours)).toBe('signed in as Other Zhang');
});

it('answers: a return path that has a query', async () => {
  const parameter = async (target: Target) => {
    const browser = newBrowser();
    const page = await target.begin(browser, nameOf(target, 'open'), '/admin?x=1');
    const { address, redirect = address.href } = await follow(browser, approve(page, newAccount('Colleague')));
    return new URL(redirect, nocobase.url).searchParams.get('x');
  };
  expect(await parameter(naive)).toContain('1?authenticator=');
  expect(await parameter(ours)).toBe('1');
});

it('answers: the IDs of the account are kept with the binding', async () => {
  const metaOf = async (target: Target) => {
    const { link, browser, account } = await beginAndApprove(target, 'Colleague');
    await follow(browser, link);
    return (await nocobase.bindings()).find(({ uuid }) => uuid === account.unionId)?.meta;
  };
  expect(await metaOf(naive)).toEqual({});
  expect(await metaOf(ours)).toEqual({ unionId: expect.any(String), openId: expect.any(String) });
});

// Secrets

/** As an error handler of another plugin may do it. */
async function answeringAllOfAnError<T>(work: () => Promise<T>): Promise<T> {
  const { errorHandler } = nocobase.app.pm.get('error-handler') as unknown as { errorHandler: { handlers: unknown[] } };
  const render = (error: object, ctx: Context) => {
    ctx.body = { errors: [{ message: inspect({ ...error }, { depth: 5 }) }] };
  };
  errorHandler.handlers.unshift({ guard: () => true, render });
  return work().finally(() => errorHandler.handlers.shift());
}

const marks = { secret: CLIENT_SECRET, endpoint: '/v1.0/contact/users/me', dingTalkCode: 'Forbidden.AccessDenied' };
const marksIn = (text: string) => Object.entries(marks).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []));

/** What an error tells, in whole, after DingTalk has refused at this endpoint. */
async function toldByError(target: Target, endpoint: FaultRule['endpoint']) {
  dingtalk.data.faults = [{ endpoint, fault: 'permission403' }];
  const { link, browser } = await beginAndApprove(target, 'Colleague');
  return answeringAllOfAnError(async () => marksIn(JSON.stringify(await follow(browser, link))));
}

it('T14 secrets: in an error, of the first call to DingTalk', async () => {
  expect(await toldByError(naive, 'userAccessToken')).toEqual(['secret', 'dingTalkCode']);
  expect(await toldByError(ours, 'userAccessToken')).toEqual([]);
});

it('T14 secrets: in an error, of the second call to DingTalk', async () => {
  expect(await toldByError(naive, 'users/me')).toEqual(['endpoint', 'dingTalkCode']);
  expect(await toldByError(ours, 'users/me')).toEqual([]);
});

it('T25 secrets: DingTalk’s own words are not in the sentence that users read', async () => {
  dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'permission403' }];
  const sentence = async (target: Target) => {
    const { link, browser } = await beginAndApprove(target, 'Colleague');
    return (await follow(browser, link)).message;
  };
  expect(await sentence(naive)).toContain('权限');
  expect(await sentence(ours)).toBe(english.PERMISSION_MISSING);
});

it('T14 secrets: in the log', async () => {
  dingtalk.data.faults = [{ endpoint: 'userAccessToken', fault: 'reset' }];
  const times = async () => (await nocobase.logs.text()).split(CLIENT_SECRET).length;
  const isLogged = async (target: Target) => {
    const before = await times();
    const { link, browser } = await beginAndApprove(target, 'Colleague');
    await follow(browser, link);
    return (await times()) > before;
  };
  expect(await isLogged(naive)).toBe(true);
  expect(await isLogged(ours)).toBe(false);
});

it('T14 secrets: in the options of an authenticator that every client can read', async () => {
  const { data } = await (await newBrowser().fetch('/api/authenticators:publicList')).json();
  const optionsOf = (target: Target) => {
    const found = data.find(({ name }: { name: string }) => name === nameOf(target, 'open'));
    return marksIn(JSON.stringify(found.options));
  };
  expect(optionsOf(naive)).toEqual(['secret']);
  expect(optionsOf(ours)).toEqual([]);
});

// The rest

it('T16 forged host: DingTalk is to send the code to another host', async () => {
  class Poisoned extends Browser {
    override fetch(...[path, init]: Parameters<Browser['fetch']>) {
      return super.fetch(path, { ...init, headers: { ...init?.headers, 'x-forwarded-host': 'evil.example' } });
    }
  }
  const attack = async (target: Target) => {
    const page = await target.begin(new Poisoned(nocobase.url), nameOf(target, 'open')).catch(String);
    return page instanceof URL ? `code for ${new URL(page.searchParams.get('redirect_uri') ?? '').host}` : page;
  };
  expect(await attack(naive)).toBe('code for evil.example');
  await expectRefused('Error: ORIGIN_NOT_TRUSTED', () => attack(ours));
});

it('T17 session fixation: a session of the attacker, in the browser before the victim signs in', async () => {
  const userOfBrowser = async (target: Target) => {
    const attacker = newBrowser();
    await finish(attacker, { authenticator: 'basic', account: 'mallory', password: 'of-mallory' });
    const { browser, link } = await beginAndApprove(target, 'Victim');
    browser.setCookies(attacker.cookies);
    await follow(browser, link);
    return nicknameOf(browser.cookies.get('nb_auth_token_main'));
  };
  expect(await userOfBrowser(naive)).toBe('Mallory');
  expect(await userOfBrowser(ours)).toBe('Victim');
});

it('T23 cost: twenty made-up links cost no call to DingTalk', async () => {
  const cost = async (target: Target) => {
    const before = calls();
    for (let i = 0; i < 20; i++) {
      const link = new URL(`/api/${target.resource}:redirect`, nocobase.url);
      link.search = new URLSearchParams({
        authenticator: nameOf(target, 'open'),
        code: `made-up-${i}`,
        state: String(i).padStart(43, 'A'),
      }).toString();
      await follow(newBrowser(), link);
    }
    return calls() - before;
  };
  expect(await cost(naive)).toBe(20);
  expect(await cost(ours)).toBe(0);
});

it('T28 cost: three sign-ins inside DingTalk cost one token of the app', async () => {
  const tokens = async (target: Target) => {
    const before = calls('/accessToken');
    for (let i = 0; i < 3; i++) {
      await signInInside(target, newAccount('Colleague'));
    }
    return calls('/accessToken') - before;
  };
  expect(await tokens(naive)).toBe(3);
  expect(await tokens(ours)).toBe(1);
});

it('race: ten first sign-ins of one account at once all succeed', async () => {
  const allSucceed = async (target: Target) => {
    const account = newAccount('Colleague');
    const begun = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const browser = newBrowser();
        return { browser, link: approve(await target.begin(browser, nameOf(target, 'open')), account) };
      }),
    );
    const outcomes = await Promise.all(begun.map(({ browser, link }) => follow(browser, link)));
    return outcomes.every(({ token }) => token);
  };
  expect(await allSucceed(naive)).toBe(false);
  expect(await allSucceed(ours)).toBe(true);
});
