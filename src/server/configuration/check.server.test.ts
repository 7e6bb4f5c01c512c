// First: NocoBase reads its environment when it is first required.
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import type { FaultRule } from '../../../emulator';
import type { FindingCode } from '../../shared/codes';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { begin, signIn } from '../../../testing/nocobase/sign-in';
import { createAuthorizationUrl } from '../dingtalk/api';
import type { RoleChoice } from '../../shared/contract';
import { otherMethods, send } from '../../../testing/nocobase/other-methods';

interface Finding {
  code: FindingCode;
  outcome: 'ok' | 'info' | 'warning' | 'error';
  message: string;
  page?: string;
}

interface Form {
  clientId?: unknown;
  clientSecret?: unknown;
  corpId?: unknown;
  matchByPhone?: string;
  signUpWithoutPhone?: boolean;
  protectedRoles?: string[];
  autoSignup?: boolean;
  autoSignIn?: boolean;
}

describe('checking the configuration', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: string;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    root = await tokenOf('root', 'root-password');
    await letNobodyEnterPhoneNumbers();
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(() => {
    dingtalk.reset();
    process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  });

  async function tokenOf(account: string, password: string): Promise<string> {
    const response = await new Browser(nocobase.url).fetch('/api/auth:signIn', {
      json: { account, password },
      headers: { 'x-authenticator': 'basic' },
    });
    return (await response.json()).data.token;
  }

  const allowSignUp = (allowed: boolean) =>
    nocobase.db.getRepository('authenticators').update({
      filter: { name: 'basic' },
      values: { title: 'Password', options: { public: { allowSignUp: allowed } } },
    });

  const allowEditProfile = (allowed: boolean | null) =>
    nocobase.db.getRepository('systemSettings').update({ filterByTk: 1, values: { enableEditProfile: allowed } });

  /** As the check advises. */
  async function letNobodyEnterPhoneNumbers() {
    await allowSignUp(false);
    await allowEditProfile(false);
  }

  const bodyOf = ({ autoSignup, autoSignIn, ...dingtalk }: Form, redirectUri: unknown, authenticator?: string) => ({
    options: {
      dingtalk: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...dingtalk },
      public: { autoSignup, autoSignIn },
    },
    redirectUri,
    authenticator,
  });

  async function check(
    form: Form = {},
    {
      browser = new Browser(nocobase.url),
      token = root,
      redirectUri = `${browser.origin}/api/dingtalk:redirect` as unknown,
      headers = {},
      authenticator = undefined as string | undefined,
    } = {},
  ) {
    const response = await browser.fetch('/api/dingtalk:checkConfiguration', {
      json: bodyOf(form, redirectUri, authenticator),
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}`, 'x-authenticator': 'basic' }) },
    });
    const body = await response.json();
    const findings: Finding[] = body.data ?? [];
    return {
      status: response.status,
      error: body.errors?.[0] as { code: string } | undefined,
      text: JSON.stringify(body),
      findings,
      /** `code: outcome` of each. */
      lines: findings.map(({ code, outcome }) => `${code}: ${outcome}`),
    };
  }

  const about = (findings: Finding[], code: FindingCode) => findings.find((finding) => finding.code === code);

  const faults = (...rules: [FaultRule['endpoint'], FaultRule['fault']][]) =>
    dingtalk.data.faults.push(...rules.map(([endpoint, fault]) => ({ endpoint, fault })));

  describe('of a good app', () => {
    it('finds everything in order, and says what it cannot see', async () => {
      const { status, lines } = await check({ corpId: dingtalk.corpId });
      expect(status).toBe(200);
      expect(lines).toEqual([
        'DINGTALK_REACHED: ok',
        'CREDENTIALS_ACCEPTED: ok',
        'IP_ALLOWED: ok',
        'CORP_ID_CONFIRMED: ok',
        'PERMISSIONS_UNSEEN: info',
        'REDIRECT_URL_TRUSTED: ok',
        'REDIRECT_URL_UNSEEN: info',
      ]);
    });

    it('finds an Auth UID that no browser can send, also where values are missing', async () => {
      const codesOf = async (authenticator: string, form?: Form) =>
        (await check(form, { authenticator })).lines.filter((line) => /AUTH_UID|VALUES/.test(line));
      expect(await codesOf('s_1')).toEqual([]);
      expect(await codesOf('钉钉')).toEqual(['AUTH_UID_INVALID: error']);
      expect(await codesOf('ding ', { clientId: '' })).toEqual(['AUTH_UID_INVALID: error', 'VALUES_MISSING: error']);
    });

    it('asks DingTalk’s older API only for the sign-in inside DingTalk', async () => {
      process.env.DINGTALK_OAPI_URL = 'http://127.0.0.1:9';
      expect((await check()).lines.filter((line) => line.endsWith('error'))).toEqual([]);
      const { findings, lines } = await check({ autoSignIn: true });
      expect(lines).toContain('DINGTALK_REACHED: ok');
      expect(about(findings, 'DINGTALK_UNREACHABLE')).toMatchObject({
        outcome: 'error',
        message: expect.stringContaining('127.0.0.1:9 (connect ECONNREFUSED 127.0.0.1:9)'),
      });
    });

    it('finds that it may read members, for the sign-in inside DingTalk', async () => {
      expect((await check({ autoSignIn: true })).lines).toContain('MEMBERS_READABLE: ok');
    });

    it('makes four calls at the most', async () => {
      await check({ corpId: dingtalk.corpId, autoSignIn: true });
      const paths = ['accessToken', 'jsapiTickets', `${dingtalk.corpId}/token`].map((path) => `/v1.0/oauth2/${path}`);
      expect(new Set(dingtalk.calls.map(({ path }) => path))).toEqual(new Set([...paths, '/topapi/v2/user/get']));
      expect(dingtalk.calls).toHaveLength(4);
    });

    it('stores nothing', async () => {
      await check();
      const before = await nocobase.everything();
      await check();
      expect(await nocobase.everything()).toBe(before);
    });
  });

  describe('finds', () => {
    const wrong: [string, FindingCode, Finding['outcome'], () => Form][] = [
      ['a wrong Client Secret', 'CREDENTIALS_REFUSED', 'error', () => ({ clientSecret: 'wrong' })],
      ['a wrong Client ID', 'CREDENTIALS_REFUSED', 'error', () => ({ clientId: 'dingwrong' })],
      ['no Client Secret', 'VALUES_MISSING', 'error', () => ({ clientSecret: ' ' })],
      ['a Client ID of another type', 'VALUES_MISSING', 'error', () => ({ clientId: ['x'] })],
      [
        'that this server’s address is not on the app’s list',
        'IP_NOT_ALLOWED',
        'error',
        () => {
          dingtalk.data.apps[0].ipWhiteList = ['192.0.2.1'];
          return {};
        },
      ],
      [
        'another organization’s Corp ID',
        'CORP_ID_UNCONFIRMED',
        'warning',
        () => ({ corpId: dingtalk.data.organizations[1].corpId }),
      ],
      ['a Corp ID that DingTalk does not know', 'CORP_ID_UNCONFIRMED', 'warning', () => ({ corpId: 'dingnobody' })],
      ['what is no Corp ID', 'CORP_ID_UNUSUAL', 'warning', () => ({ corpId: '../accessToken?x=' })],
      ['no Corp ID', 'CORP_ID_MISSING', 'info', () => ({ corpId: '' })],
      ['no Corp ID and automatic sign-up', 'ANYONE_CAN_REGISTER', 'warning', () => ({ autoSignup: true })],
      ['no Corp ID and automatic sign-in', 'AUTO_SIGN_IN_WITHOUT_CORP_ID', 'warning', () => ({ autoSignIn: true })],
      [
        'that the app may not read members, for the sign-in inside DingTalk',
        'MEMBERS_NOT_READABLE',
        'error',
        () => {
          const [app] = dingtalk.data.apps;
          app.permissions = app.permissions.filter((permission) => permission !== 'qyapi_get_member');
          return { autoSignIn: true };
        },
      ],
      ...(
        [
          ['accessToken', 'throttle403', 'DINGTALK_BUSY', 'warning'],
          ['*', 'jsonBan', 'DINGTALK_BUSY', 'warning'],
          ['jsapiTickets', 'throttle403', 'DINGTALK_BUSY', 'warning'],
          ['corpToken', 'throttle403', 'DINGTALK_BUSY', 'warning'],
          ['v2/user/get', 'throttle88', 'DINGTALK_BUSY', 'warning'],
          ['accessToken', 'ipNotAllowed403', 'IP_NOT_ALLOWED', 'error'],
          ['accessToken', 'htmlBan', 'DINGTALK_ANSWER_UNKNOWN', 'warning'],
          ['accessToken', 'redirect307', 'DINGTALK_ANSWER_UNKNOWN', 'warning'],
          ['accessToken', 'wrongTypes', 'DINGTALK_ANSWER_UNKNOWN', 'warning'],
          ['jsapiTickets', 'permission403', 'DINGTALK_ANSWER_UNKNOWN', 'warning'],
          ['v2/user/get', 'busyMinus1', 'DINGTALK_ANSWER_UNKNOWN', 'warning'],
          ['accessToken', 'reset', 'DINGTALK_UNREACHABLE', 'error'],
        ] as const
      ).map(([endpoint, fault, code, outcome]): [string, FindingCode, Finding['outcome'], () => Form] => [
        `${fault} at ${endpoint}`,
        code,
        outcome,
        () => {
          faults([endpoint, fault]);
          return { corpId: dingtalk.corpId, autoSignIn: true };
        },
      ]),
    ];

    it.each(wrong)('%s: %s, %s', async (_, code, outcome, prepare) => {
      const { status, findings } = await check(prepare());
      expect(status).toBe(200);
      const found = findings.filter((finding) => finding.code === code);
      expect(found).toMatchObject([{ outcome }]);
      expect(found[0].message).not.toMatch(/\{\{|undefined/);
      expect(found[0].message).not.toBe(code);
    });

    it('a host whose name cannot be resolved', async () => {
      process.env.DINGTALK_API_URL = 'https://dingtalk.invalid';
      const { findings, lines } = await check();
      expect(lines).not.toContain('DINGTALK_REACHED: ok');
      expect(about(findings, 'DINGTALK_UNREACHABLE')?.message).toContain('dingtalk.invalid (getaddrinfo');
    });

    it('that the operator wrote a host’s address wrong', async () => {
      process.env.DINGTALK_API_URL = 'http://dingtalk.invalid';
      expect(about((await check()).findings, 'DINGTALK_UNREACHABLE')?.message).toContain(
        'DINGTALK_API_URL must be an https address',
      );
    });

    it('that NocoBase’s own policy forbids the way', async () => {
      process.env.SERVER_REQUEST_WHITELIST = 'nocobase.example.com';
      const { findings } = await check();
      delete process.env.SERVER_REQUEST_WHITELIST;
      expect(about(findings, 'DINGTALK_UNREACHABLE')?.message).toContain('Add it to SERVER_REQUEST_WHITELIST');
    });

    it('that DingTalk is reached also where it refuses', async () => {
      expect((await check({ clientSecret: 'wrong' })).lines).toContain('DINGTALK_REACHED: ok');
    });

    it('what DingTalk said of a Corp ID', async () => {
      const { findings } = await check({ corpId: dingtalk.data.organizations[1].corpId });
      expect(about(findings, 'CORP_ID_UNCONFIRMED')?.message).toContain('(unauthorized.client)');
    });

    it('nothing more of an app that DingTalk does not accept', async () => {
      await check({ clientSecret: 'wrong', corpId: dingtalk.corpId, autoSignIn: true });
      // The second call is for older apps, which the first one does not know.
      const paths = ['accessToken', `${dingtalk.corpId}/token`].map((path) => `/v1.0/oauth2/${path}`);
      expect(dingtalk.calls.map(({ path }) => path)).toEqual(paths);
    });

    it('something in Chinese too, with a way to the console', async () => {
      const { findings } = await check({ clientSecret: 'wrong' }, { browser: new Browser(nocobase.url, 'zh-CN') });
      expect(about(findings, 'CREDENTIALS_REFUSED')).toMatchObject({
        message: expect.stringContaining('请从「凭证与基础信息」重新复制'),
        page: 'https://open-dev.dingtalk.com/',
      });
    });
  });

  describe('of NocoBase', () => {
    afterEach(letNobodyEnterPhoneNumbers);

    const ofNocoBase = async (form: Form = {}) =>
      (await check(form)).findings.filter(({ code }) =>
        /PREPARES|PRIVILEGED|INCOMPLETE|WITHOUT_PHONE|NOT_PUBLISHED/.test(code),
      );

    it('finds nothing more where nobody can enter a phone number', async () => {
      expect(await ofNocoBase({ autoSignup: true })).toEqual([]);
    });

    describe('T46: a stranger’s user', () => {
      const stranger = { username: 'stranger', password: 'a-password', confirm_password: 'a-password' };

      afterEach(() => nocobase.db.getRepository('users').destroy({ filter: { username: 'stranger' } }));

      it('control: signs up with the phone number of a colleague, who is then signed in as this user', async () => {
        const signupForm = ['username', 'phone'].map((field) => ({ field, show: true, required: true }));
        await nocobase.db.getRepository('authenticators').update({
          filter: { name: 'basic' },
          values: { options: { public: { allowSignUp: true, signupForm } } },
        });
        await nocobase.addAuthenticator('prepared');
        const colleague = dingtalk.addAccount();
        const json = { ...stranger, phone: colleague.mobile };
        await new Browser(nocobase.url).fetch('/api/auth:signUp', { json, headers: { 'x-authenticator': 'basic' } });
        expect(await tokenOf('stranger', 'a-password')).toBeTruthy();

        const { user } = await signIn(nocobase, dingtalk, { authenticator: 'prepared', account: colleague.id });
        expect(user).toMatchObject({ username: 'stranger', phone: colleague.mobile });
      });

      it('is found as it comes with NocoBase: anybody may sign up and edit the own profile', async () => {
        await allowSignUp(true);
        await allowEditProfile(null);
        expect(await ofNocoBase()).toEqual([
          {
            code: 'SIGN_UP_PREPARES_MATCH',
            outcome: 'error',
            message: expect.stringContaining('(Password)'),
          },
          { code: 'PROFILE_PREPARES_MATCH', outcome: 'error', message: expect.stringContaining('Allow edit profile') },
        ]);
        expect(await ofNocoBase({ matchByPhone: 'confirm' })).toEqual([]);
      });

      it('is found where a second password authenticator has sign-up, and not where it is disabled', async () => {
        const options = { public: { allowSignUp: true } };
        const values = { name: 'partners', title: '{{t("Partners")}}', authType: 'Email/Password', options };
        const row = await nocobase.db.getRepository('authenticators').create({ values: { ...values, enabled: true } });
        expect(await ofNocoBase()).toMatchObject([
          { code: 'SIGN_UP_PREPARES_MATCH', message: expect.stringContaining('(Partners)') },
        ]);
        await row.update({ enabled: false });
        expect(await ofNocoBase()).toEqual([]);
        await row.destroy();
      });
    });

    it('T47: finds that every new user would be privileged', async () => {
      const isDefault = (name: string) => nocobase.db.getModel('roles').update({ default: true }, { where: { name } });
      await nocobase.db.getModel('roles').update({ default: false }, { where: {} });
      await isDefault('admin');
      expect(await ofNocoBase({ autoSignup: true })).toMatchObject([
        { code: 'DEFAULT_ROLE_PRIVILEGED', outcome: 'error' },
      ]);
      expect(await ofNocoBase()).toMatchObject([{ code: 'DEFAULT_ROLE_PRIVILEGED' }]);
      await nocobase.db.getModel('roles').update({ default: false }, { where: {} });
      await isDefault('member');
      expect(await ofNocoBase({ autoSignup: true })).toEqual([]);
      expect(await ofNocoBase({ autoSignup: true, protectedRoles: ['member'] })).toMatchObject([
        { code: 'DEFAULT_ROLE_PRIVILEGED' },
      ]);
    });

    describe('finds what new users lack', () => {
      const users = () => nocobase.db.getCollection('users');
      const required = { type: 'string' as const, rules: [{ key: 'r', name: 'required' as const }] };

      afterEach(() => {
        users().removeField('badge');
        users().removeField('level');
        users().setField('nickname', { ...users().getField('nickname').options, validation: undefined });
        users().setField('email', { ...users().getField('email').options, validation: undefined });
      });

      it('by a rule of a field, and by a column that must not be null', async () => {
        users().setField('badge', { type: 'string', uiSchema: { title: 'Badge' }, validation: required });
        users().setField('level', { type: 'integer', allowNull: false });
        users().setField('email', { ...users().getField('email').options, validation: required });
        const [found, ...others] = await ofNocoBase({ autoSignup: true });
        expect(others).toEqual([]);
        expect(found).toMatchObject({ code: 'NEW_USERS_INCOMPLETE', outcome: 'error' });
        expect(found.message).toMatch(/: (?=.*\bBadge\b)(?=.*\blevel\b)(?=.*\bEmail\b)[^:]*\. Change/);
      });

      it('and nothing where a column has a default, DingTalk provides the value, or NocoBase makes it', async () => {
        users().setField('level', { type: 'integer', allowNull: false, defaultValue: 0 });
        users().setField('badge', { type: 'nanoid', allowNull: false });
        users().setField('nickname', { ...users().getField('nickname').options, validation: required });
        expect(await ofNocoBase({ autoSignup: true })).toEqual([]);
      });
    });

    it('warns of new users without a phone number', async () => {
      const form = { autoSignup: true, signUpWithoutPhone: true, corpId: dingtalk.corpId };
      expect(await ofNocoBase(form)).toMatchObject([{ code: 'SIGN_UP_WITHOUT_PHONE', outcome: 'warning' }]);
    });
  });

  describe('of the Redirect URL', () => {
    const at = (origin: string, headers = {}) =>
      check({}, { browser: new Browser(origin, 'en-US', nocobase.url), headers });

    it('is content with https', async () => {
      const { lines } = await at('https://nocobase.example.com', { 'x-forwarded-proto': 'https' });
      expect(lines).toContain('REDIRECT_URL_TRUSTED: ok');
    });

    it('warns of http to anywhere but this machine', async () => {
      expect((await at('http://nocobase.example.com')).lines).toContain('REDIRECT_URL_READABLE: warning');
    });

    it('says what is wrong with a proxy that hides the address', async () => {
      const { findings, lines } = await check(
        {},
        { redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect' },
      );
      expect(about(findings, 'ORIGIN_NOT_TRUSTED')).toMatchObject({
        outcome: 'error',
        message: expect.stringContaining('X-Forwarded-Proto'),
      });
      expect(lines.filter((line) => line.startsWith('REDIRECT_URL'))).toEqual([]);
    });

    it.each([
      ['another path', () => `${nocobase.url}/api/auth:signOut`],
      ['a query', () => `${nocobase.url}/api/dingtalk:redirect?x=1`],
      ['another scheme', () => 'javascript:alert(1)'],
      ['a list', () => [`${nocobase.url}/api/dingtalk:redirect`]],
      ['nothing', () => null],
    ])('refuses %s', async (_, redirectUri) => {
      const { status, error } = await check({}, { redirectUri: redirectUri() });
      expect([status, error?.code]).toEqual([400, 'REQUEST_INVALID']);
      expect(dingtalk.calls).toEqual([]);
    });
  });

  describe('with variables', () => {
    beforeAll(() => {
      nocobase.app.environment.setVariable('DINGTALK_ID', CLIENT_ID);
      nocobase.app.environment.setVariable('DINGTALK_SECRET', CLIENT_SECRET, { isSecret: true });
      nocobase.app.environment.setVariable('OTHER_SECRET', 'ding0ther5ecret', { isSecret: true });
    });

    it('takes their values', async () => {
      const { lines } = await check({ clientId: '{{$env.DINGTALK_ID}}', clientSecret: '{{ $env.DINGTALK_SECRET }}' });
      expect(lines).toContain('CREDENTIALS_ACCEPTED: ok');
    });

    it.each(['clientId', 'clientSecret', 'corpId'])('says where one has no value, as %s', async (field) => {
      expect((await check({ [field]: '{{$env.NOT_THERE}}' })).lines).toContain('VALUES_MISSING: error');
    });

    it.each(['clientId', 'clientSecret', 'corpId'])(
      'does not tell the value of one that stands as %s',
      async (field) => {
        const { text, status } = await check({ [field]: '{{$env.OTHER_SECRET}}' });
        expect(status).toBe(200);
        expect(text).not.toContain('ding0ther5ecret');
      },
    );
  });

  describe('T44: a secret in place of a value that browsers are told', () => {
    const STORED = 'ding5tored5ecret';

    beforeAll(() => nocobase.app.environment.setVariable('STORED_SECRET', STORED, { isSecret: true }));
    afterEach(() => nocobase.db.getRepository('authenticators').destroy({ filter: { name: 'mistaken' } }));

    const published = async () => (await new Browser(nocobase.url).fetch('/api/authenticators:publicList')).text();
    const mistaken: [string, object, string][] = [
      ['Client ID', { clientId: '{{$env.STORED_SECRET}}', corpId: 'dingcorp0001' }, 'Client ID'],
      ['Corp ID', { corpId: '{{ $env.STORED_SECRET }}' }, 'Corp ID'],
      ['a part of the Corp ID', { corpId: 'ding{{$env.STORED_SECRET}}' }, 'Corp ID'],
    ];

    it('as its characters, in a value that is no secret as a whole, is refused', async () => {
      const parts = (from: number, to: number) =>
        [...STORED]
          .map((_, at) => `{{$env.STORED_SECRET.${at}}}`)
          .slice(from, to)
          .join('');
      const values = { clientId: parts(0, 10), corpId: `ding${parts(10, 20)}` };
      const rendered = nocobase.app.environment.renderJsonTemplate(values);
      expect(rendered).toEqual({ clientId: 'ding5tored', corpId: 'ding5ecret' });

      await nocobase.addAuthenticator('mistaken', { autoSignIn: true, ...values });
      expect(await published()).not.toMatch(/ding5tored|ding5ecret/);
      expect((await begin(new Browser(nocobase.url), 'mistaken')).error?.code).toBe('NOT_CONFIGURED');
      // A guess beside it tells nothing either.
      for (const clientId of ['dingd', 'dingx']) {
        const { findings } = await check({ clientId, clientSecret: 'ding{{$env.STORED_SECRET.0}}' });
        expect(findings.map(({ code }) => code)).toContain('VALUES_MISSING');
        expect(findings.map(({ code }) => code)).not.toContain('VALUE_NOT_PUBLISHED');
      }
    });

    it('in a value with more around it, is not published though it is short', async () => {
      nocobase.app.environment.setVariable('PIN', '4711', { isSecret: true });
      const values = { clientId: 'ding{{$env.PIN}}', corpId: dingtalk.corpId };
      await nocobase.addAuthenticator('mistaken', { autoSignIn: true, ...values });
      expect(await published()).not.toContain('ding4711');
      expect((await begin(new Browser(nocobase.url), 'mistaken')).error?.code).toBe('NOT_CONFIGURED');
      nocobase.app.environment.removeVariable('PIN');
    });

    it.each(mistaken)('control: as %s, plain options and a plain address have it', async (_, values) => {
      const options = { dingtalk: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...values } };
      const { clientId, corpId } = nocobase.app.environment.renderJsonTemplate(options).dingtalk;
      const request = { clientId, corpId, redirectUri: 'https://x', state: 'x' };
      expect(createAuthorizationUrl(request)).toContain(STORED);
    });

    it.each(mistaken)(
      'as %s is in no public option and in no address, and the check tells',
      async (_, values, name) => {
        await nocobase.addAuthenticator('mistaken', { autoSignIn: true, ...values });
        const list = await published();
        expect(list).toContain('"name":"mistaken"');
        expect(list).not.toContain(STORED);

        const browser = new Browser(nocobase.url);
        const { response, error, url } = await begin(browser, 'mistaken');
        expect([response.status, error?.code, url]).toEqual([424, 'NOT_CONFIGURED', undefined]);
        expect([...browser.cookies.values()].join()).not.toContain(STORED);

        const { findings, text } = await check({ autoSignIn: true, ...values });
        expect(text).not.toContain(STORED);
        expect(findings.filter(({ code }) => code === 'VALUE_NOT_PUBLISHED')).toMatchObject([
          { outcome: 'error', message: expect.stringContaining(`The ${name} `) },
        ]);
        expect((await nocobase.logs.text()).includes(STORED)).toBe(false);
      },
    );

    it('publishes what stands in a variable that is no secret', async () => {
      nocobase.app.environment.setVariable('OPEN_ID', CLIENT_ID, { isSecret: false });
      const values = { clientId: '{{$env.OPEN_ID}}', corpId: dingtalk.corpId };
      await nocobase.addAuthenticator('mistaken', { autoSignIn: true, ...values });
      expect(await published()).toContain(`"clientId":"${CLIENT_ID}"`);
      expect((await begin(new Browser(nocobase.url), 'mistaken')).url).toContain(CLIENT_ID);
    });
  });

  describe('the roles, for the choice of protected ones', () => {
    async function roles(token: string) {
      const response = await new Browser(nocobase.url).fetch('/api/dingtalk:getRoles', {
        json: {},
        headers: { ...(token && { authorization: `Bearer ${token}`, 'x-authenticator': 'basic' }) },
      });
      return { status: response.status, data: (await response.json()).data as RoleChoice[] };
    }

    it('have their names and titles, and which are protected anyway', async () => {
      await nocobase.db.getRepository('roles').create({ values: { name: 'cashier', title: 'Cashier', snippets: [] } });
      await nocobase.db.getRepository('roles').create({ values: { name: 'untitled', snippets: [] } });
      const { status, data } = await roles(root);
      expect(status).toBe(200);
      expect(data).toEqual(
        expect.arrayContaining([
          { name: 'root', title: 'Root', isPrivileged: true },
          { name: 'admin', title: 'Admin', isPrivileged: true },
          { name: 'member', title: 'Member', isPrivileged: false },
          { name: 'cashier', title: 'Cashier', isPrivileged: false },
          { name: 'untitled', title: 'untitled', isPrivileged: false },
        ]),
      );
      expect(data).toHaveLength(await nocobase.db.getRepository('roles').count());
    });

    it('are told to administrators alone', async () => {
      await nocobase.addUser({ username: 'curious', password: 'user-password' });
      expect((await roles(await tokenOf('curious', 'user-password'))).status).toBe(403);
      expect((await roles('')).status).toBe(401);
    });
  });

  describe('access', () => {
    async function userWith(name: string, snippets: string[]): Promise<string> {
      await nocobase.db.getRepository('roles').create({ values: { name, snippets } });
      await nocobase.addUser({ username: name, password: 'user-password', roles: [{ name }] });
      return tokenOf(name, 'user-password');
    }

    it('a role with the right to the authenticators may check', async () => {
      const token = await userWith('door-keeper', ['pm.auth.authenticators']);
      expect(await check({}, { token })).toMatchObject({ status: 200 });
    });

    it('a role with all rights to plugins may check', async () => {
      const token = await userWith('plugin-keeper', ['pm.*']);
      expect(await check({}, { token })).toMatchObject({ status: 200 });
    });

    it.each([
      ['no-right', []],
      ['other-right', ['pm.users', 'ui.*']],
      ['withdrawn-right', ['pm.*', '!pm.auth.authenticators']],
    ])('a role without that right may not: %s', async (name, snippets) => {
      const token = await userWith(name, snippets);
      expect(await check({}, { token })).toMatchObject({ status: 403, findings: [] });
      expect(dingtalk.calls).toEqual([]);
    });

    it('a request without a session may not', async () => {
      expect(await check({}, { token: '' })).toMatchObject({ status: 401, findings: [] });
      expect(dingtalk.calls).toEqual([]);
    });

    it.each(otherMethods)('T03: what may be checked by POST may not by %s', async (method) => {
      const browser = new Browser(nocobase.url);
      const body = bodyOf({}, `${nocobase.url}/api/dingtalk:redirect`);
      const path = '/api/dingtalk:checkConfiguration';
      const answer = await send(browser, method, path, body, 'basic', { authorization: `Bearer ${root}` });
      expect(answer).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(dingtalk.calls).toEqual([]);
    });
  });

  describe('the Client Secret', () => {
    const SECRET = 'S3CRET-51d0c2b79e8f-of-the-form';
    const told: string[] = [];
    const entries: unknown[] = [];

    beforeAll(() => {
      nocobase.app.auditManager.registerActions(['dingtalk:checkConfiguration', 'authenticators:create']);
      nocobase.app.auditManager.setLogger({ log: async (entry) => void entries.push(entry) });
    });

    beforeEach(() => (dingtalk.data.apps[0].clientSecret = SECRET));

    it.each<[string, () => ReturnType<typeof check>]>([
      ['is right', () => check({ clientSecret: SECRET, corpId: dingtalk.corpId, autoSignIn: true })],
      ['is wrong', () => check({ clientSecret: `${SECRET}-not` })],
      ['stands in the wrong field', () => check({ clientId: SECRET, corpId: SECRET })],
      ['stands as the Corp ID', () => check({ clientSecret: SECRET, corpId: `ding${SECRET}` })],
      ['is of another type', () => check({ clientSecret: { [SECRET]: [SECRET] } })],
      ['comes with a wrong Redirect URL', () => check({ clientSecret: SECRET }, { redirectUri: SECRET })],
      ['comes without a session', () => check({ clientSecret: SECRET }, { token: '' })],
      ['comes with a session that is over', () => check({ clientSecret: SECRET }, { token: `${root}x` })],
      [
        'goes to a host whose name cannot be resolved',
        () => {
          process.env.DINGTALK_API_URL = 'https://dingtalk.invalid';
          return check({ clientSecret: SECRET });
        },
      ],
    ])('that %s comes back to nobody', async (_, way) => {
      told.push((await way()).text);
      expect(told.at(-1)).not.toContain(SECRET);
    });

    it('an error of ours is CHECK_FAILED with one line in the log, and blames no value of the form', async () => {
      const render = jest.spyOn(nocobase.app.environment, 'renderJsonTemplate');
      render.mockImplementationOnce(() => {
        throw new Error(SECRET);
      });
      const { status, text } = await check({ clientSecret: SECRET });
      told.push(text);
      expect([status, text]).toEqual([500, expect.stringContaining('"code":"CHECK_FAILED"')]);
      const lines = (await nocobase.logs.text()).split('\n').filter((line) => /"outcome":"CHECK_FAILED"/.test(line));
      // NocoBase repeats errors in a file of their own.
      expect([...new Set(lines)]).toEqual([expect.stringContaining('"message":"DingTalk configuration check"')]);
    });

    it('is in no log and no audit entry, nor is a token of the app', async () => {
      const text = (await nocobase.logs.text()) + JSON.stringify(entries);
      expect(text.match(/DingTalk configuration check/g)?.length).toBeGreaterThan(30);
      expect(entries.length).toBe(told.length);
      expect(text).not.toContain(SECRET);
      const tokens = dingtalk.calls.flatMap(({ query }) => new URLSearchParams(query).getAll('access_token'));
      expect(tokens.filter((token) => text.includes(token))).toEqual([]);
    });

    it('is in both, where a form is saved with it', async () => {
      await new Browser(nocobase.url).fetch('/api/authenticators:create', {
        json: { name: 'saved', authType: 'dingtalk', ...bodyOf({ clientSecret: SECRET }, '') },
        headers: { authorization: `Bearer ${root}`, 'x-authenticator': 'basic' },
      });
      expect(await nocobase.logs.text()).toContain(SECRET);
      expect(JSON.stringify(entries)).toContain(SECRET);
    });
  });

  it('leaves in the log what DingTalk’s support asks for', async () => {
    await check({ clientSecret: 'wrong' });
    const line = (await nocobase.logs.text())
      .split('\n')
      .filter((text) => /"message":"DingTalk configuration check".*"found":/.test(text))
      .at(-1);
    expect(JSON.parse(line ?? '').extra.found).toContainEqual({
      code: 'CREDENTIALS_REFUSED',
      endpoint: '/v1.0/oauth2/accessToken',
      httpStatus: 400,
      dingTalkCode: 'invalidClientIdOrSecret',
      requestId: expect.any(String),
      reason: 'refused by DingTalk',
    });
  });
});
