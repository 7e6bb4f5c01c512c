import type { FaultRule } from '../../../emulator';
import { type DingTalk, startDingTalk, withShortDeadlines } from '../../../testing/nocobase/dingtalk';
import type { LoggedOutcome } from '../../../testing/nocobase/logs';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { ErrorCode } from '../../shared/codes';

/**
 * One fault for each way in which a failed call to DingTalk ends a sign-in. All faults of all endpoints are in
 * `dingtalk/faults.test.ts`, the repetitions and the codes in `authorization/dingtalk-account.test.ts`.
 */
describe('a sign-in while DingTalk misbehaves', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    await nocobase.addAuthenticator('wrong-secret', { clientSecret: 'wrong' });
  }, 60_000);

  beforeEach(() => dingtalk.reset());

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const requestId = expect.stringMatching(/^[0-9A-F-]{36}$/);
  const PROFILE = '/v1.0/contact/users/me';
  const EXCHANGE = '/v1.0/oauth2/userAccessToken';

  const ways: [string, Pick<FaultRule, 'endpoint' | 'fault'> | undefined, ErrorCode, Partial<LoggedOutcome>][] = [
    [
      'no answer in time',
      { endpoint: 'userAccessToken', fault: 'consumeThenHang' },
      'DINGTALK_UNAVAILABLE',
      { endpoint: EXCHANGE, reason: 'no answer in time' },
    ],
    [
      'a broken connection',
      { endpoint: 'users/me', fault: 'reset' },
      'DINGTALK_UNAVAILABLE',
      { endpoint: PROFILE, networkCode: 'ECONNRESET' },
    ],
    [
      'an answer of something in between',
      { endpoint: 'users/me', fault: 'htmlBan' },
      'DINGTALK_UNAVAILABLE',
      { endpoint: PROFILE, httpStatus: 200, reason: 'not an answer of DingTalk' },
    ],
    [
      'a throttled call',
      { endpoint: 'userAccessToken', fault: 'throttle403' },
      'DINGTALK_BUSY',
      {
        endpoint: EXCHANGE,
        httpStatus: 403,
        dingTalkCode: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
        requestId,
        reason: 'refused by DingTalk',
      },
    ],
    [
      'a missing permission',
      { endpoint: 'users/me', fault: 'permission403' },
      'PERMISSION_MISSING',
      { endpoint: PROFILE, dingTalkCode: 'Forbidden.AccessDenied.AccessTokenPermissionDenied', requestId },
    ],
    [
      'a server that is not on the app’s list',
      { endpoint: 'users/me', fault: 'ipNotAllowed403' },
      'IP_NOT_ALLOWED',
      { endpoint: PROFILE, dingTalkCode: 'Forbidden.AccessDenied.IpNotInWhiteList', requestId },
    ],
    [
      'wrong credentials',
      undefined,
      'CREDENTIALS_INVALID',
      { endpoint: EXCHANGE, dingTalkCode: 'invalidClientIdOrSecret', requestId },
    ],
    ['a profile without a phone number', { endpoint: 'users/me', fault: 'missingOptional' }, 'PHONE_UNAVAILABLE', {}],
    ['a masked phone number', { endpoint: 'users/me', fault: 'maskedMobile' }, 'PHONE_UNAVAILABLE', {}],
  ];

  it.each(ways)(
    'T20: %s is refused in one sentence, with one line in the log, and changes nothing',
    async (_, fault, code, cause) => {
      dingtalk.data.faults = fault ? [fault] : [];
      const authenticator = fault ? 'dingtalk' : 'wrong-secret';
      const before = await nocobase.everything();
      const attempt = () => signIn(nocobase, dingtalk, { account: dingtalk.addAccount().id, authenticator });

      const outcome = await (fault?.fault === 'consumeThenHang' ? withShortDeadlines(attempt) : attempt());

      expect(outcome).toEqual({
        status: expect.any(Number),
        code,
        message: expect.stringMatching(/^[A-Z][^<>()]+\.$/),
      });
      // A reverse proxy may put its own page in place of a 5xx.
      expect(outcome.status).toBeGreaterThanOrEqual(400);
      expect(outcome.status).toBeLessThan(500);
      expect(await nocobase.logs.outcomes()).toEqual([
        expect.objectContaining({ outcome: code, authenticator, ...cause }),
      ]);
      expect(await nocobase.everything()).toBe(before);
    },
  );

  it.each(['numbersAsStrings', 'protoKeys'] as const)('T21: a user signs in all the same: %s', async (fault) => {
    dingtalk.data.faults = [{ endpoint: '*', fault }];
    const outcome = await signIn(nocobase, dingtalk, { account: dingtalk.addAccount().id });
    expect(outcome).toMatchObject({ status: 200, token: expect.any(String) });
    expect(await nocobase.logs.outcomes()).toHaveLength(1);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});
