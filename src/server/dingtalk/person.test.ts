import { inspect } from 'node:util';
import { type Emulator, type FaultRule, startEmulator } from '../../../emulator';
import { SignInError } from '../http/errors';
import { type DingTalkApp, readPerson } from './person';

describe('readPerson', () => {
  let dingtalk: Emulator;
  let app: DingTalkApp;

  beforeAll(async () => {
    dingtalk = await startEmulator();
    process.env.DINGTALK_API_URL = dingtalk.url;
    jest.spyOn(console, 'warn').mockReturnValue();
  });
  afterAll(() => dingtalk.close());

  beforeEach(() => {
    dingtalk.reset();
    const { clientId, clientSecret } = dingtalk.data.apps[0];
    app = { clientId, clientSecret };
  });

  const newCode = (account = 'wang-fang', scope = 'openid') =>
    dingtalk.authorize({ clientId: app.clientId, account, scope });

  const failureOf = async (code: string, withApp = app): Promise<SignInError> => {
    const failure = await readPerson(withApp, code).catch((error: unknown) => error);
    if (!(failure instanceof SignInError)) {
      throw new Error(`not refused: ${inspect(failure)}`);
    }
    return failure;
  };

  it('reads the person with two calls on one connection', async () => {
    expect(await readPerson(app, newCode())).toEqual({
      unionId: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE',
      openId: '7AoDugNavtMSkO3E',
      nick: '芳芳',
      mobile: '13911112222',
      stateCode: '86',
      email: 'wangfang@example.com',
      corpId: undefined,
    });
    await readPerson(app, newCode());
    expect(dingtalk.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1.0/oauth2/userAccessToken',
      'GET /v1.0/contact/users/me',
      'POST /v1.0/oauth2/userAccessToken',
      'GET /v1.0/contact/users/me',
    ]);
    expect(dingtalk.connections).toBe(1);
  });

  it('names the organization, and asks about it before it reads the person', async () => {
    const asked = jest.fn();
    const { corpId } = await readPerson(app, newCode('wang-fang', 'openid corpid'), asked);
    expect(corpId).toBe(dingtalk.data.organizations[0].corpId);
    expect(asked).toHaveBeenCalledWith(corpId);
  });

  it('knows of no organization unless the scope has it', async () => {
    expect((await readPerson(app, newCode())).corpId).toBeUndefined();
  });

  it('finds no phone number where the permission for it is missing', async () => {
    dingtalk.data.apps[0].permissions = ['Contact.User.Read'];
    expect((await readPerson(app, newCode())).mobile).toBeUndefined();
  });

  it('refuses a code that was used', async () => {
    const code = newCode();
    await readPerson(app, code);
    expect(await failureOf(code)).toMatchObject({ code: 'CODE_INVALID', status: 401 });
  });

  it('refuses a code that DingTalk does not know', async () => {
    expect(await failureOf('no-code')).toMatchObject({ code: 'CODE_INVALID' });
  });

  it('says that the credentials are wrong', async () => {
    expect(await failureOf(newCode(), { ...app, clientSecret: 'wrong' })).toMatchObject({
      code: 'CREDENTIALS_INVALID',
    });
  });

  it('says that a permission is missing', async () => {
    dingtalk.data.apps[0].permissions = [];
    expect(await failureOf(newCode())).toMatchObject({ code: 'PERMISSION_MISSING' });
  });

  it('says that this server’s address is not allowed', async () => {
    dingtalk.data.apps[0].ipWhiteList = ['192.0.2.1'];
    expect(await failureOf(newCode())).toMatchObject({ code: 'IP_NOT_ALLOWED' });
  });

  it.each<[FaultRule['fault'], SignInError['code']]>([
    ['throttle403', 'DINGTALK_BUSY'],
    ['jsonBan', 'DINGTALK_BUSY'],
    ['htmlBan', 'DINGTALK_UNAVAILABLE'],
    ['reset', 'DINGTALK_UNAVAILABLE'],
    ['error500', 'DINGTALK_UNAVAILABLE'],
    ['redirect302', 'DINGTALK_UNAVAILABLE'],
    ['redirect307', 'DINGTALK_UNAVAILABLE'],
    ['empty204', 'DINGTALK_UNAVAILABLE'],
    ['truncatedJson', 'DINGTALK_UNAVAILABLE'],
    ['jsonNull', 'DINGTALK_UNAVAILABLE'],
    ['jsonArray', 'DINGTALK_UNAVAILABLE'],
    ['wrongTypes', 'DINGTALK_UNAVAILABLE'],
    ['hugeBody', 'DINGTALK_UNAVAILABLE'],
  ])('answers %s of either endpoint with %s', async (fault, code) => {
    for (const endpoint of ['userAccessToken', 'users/me'] as const) {
      dingtalk.data.faults = [{ endpoint, fault }];
      expect(await failureOf(newCode())).toMatchObject({ code });
    }
    expect(dingtalk.calls.some(({ path }) => path === '/__emulator/trap')).toBe(false);
  });

  it('waits five seconds for both calls together', async () => {
    const began = performance.now();
    dingtalk.data.faults = [
      { endpoint: 'userAccessToken', fault: 'slow', delayMs: 3000 },
      { endpoint: 'users/me', fault: 'hang' },
    ];
    const failure = await failureOf(newCode());
    expect(failure).toMatchObject({ code: 'DINGTALK_UNAVAILABLE', detail: { reason: 'no answer in time' } });
    expect(performance.now() - began).toBeLessThan(6000);
  }, 10_000);

  it('keeps secret, code and token out of every error', async () => {
    for (const endpoint of ['userAccessToken', 'users/me'] as const) {
      for (const fault of ['reset', 'error500', 'permission403', 'truncatedJson'] as const) {
        dingtalk.data.faults = [{ endpoint, fault }];
        const code = newCode();
        const shown = inspect(await failureOf(code), { showHidden: true, depth: 9 });
        expect(shown).not.toContain(app.clientSecret);
        expect(shown).not.toContain(code);
        expect(shown).not.toMatch(/x-acs-dingtalk-access-token/i);
      }
    }
  });

  it('keeps DingTalk’s request id for the log', async () => {
    expect((await failureOf('no-code')).detail).toEqual({
      endpoint: '/v1.0/oauth2/userAccessToken',
      httpStatus: 400,
      dingTalkCode: 'invalidParameter.authCode.notFound',
      requestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
      reason: 'refused by DingTalk',
    });
  });
});
