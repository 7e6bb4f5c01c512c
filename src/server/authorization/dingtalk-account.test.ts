import { inspect } from 'node:util';
import { type Emulator, type FaultRule, startEmulator } from '../../../emulator';
import { newTokenCache } from '../../../testing/token-cache';
import type { DingTalkApp } from '../dingtalk/api';
import type { TokenCache } from '../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import type { ErrorCode } from '../../shared/codes';
import { CodedError } from '../http/coded-error';
import { DINGTALK_TIMEOUT_MS, fetchAccount, fetchMember, fetchUserid, mapDingTalkErrors } from './dingtalk-account';

let dingtalk: Emulator;
let app: DingTalkApp;
let corpId: string;
let cache: TokenCache;

beforeAll(async () => {
  dingtalk = await startEmulator();
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(() => {
  dingtalk.reset();
  const { clientId, clientSecret } = dingtalk.data.apps[0];
  app = { clientId, clientSecret };
  corpId = dingtalk.data.organizations[0].corpId;
  cache = newTokenCache();
});

const TIMEOUT_MS = 3000;
const fault = (rule: FaultRule) => dingtalk.data.faults.push(rule);
const callsOf = () => dingtalk.calls.map(({ method, path }) => `${method} ${path}`);

async function errorOf(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof CodedError)) {
    throw new Error(`not refused: ${inspect(error)}`);
  }
  return error;
}

it.each<[DingTalkErrorKind, ErrorCode]>([
  ['unreachable', 'DINGTALK_UNAVAILABLE'],
  ['unexpected', 'DINGTALK_UNAVAILABLE'],
  ['token', 'DINGTALK_UNAVAILABLE'],
  ['busy', 'DINGTALK_BUSY'],
  ['credentials', 'CREDENTIALS_INVALID'],
  ['permission', 'PERMISSION_MISSING'],
  ['ipNotAllowed', 'IP_NOT_ALLOWED'],
  ['code', 'CODE_INVALID'],
  ['notMember', 'NOT_A_MEMBER'],
  ['scope', 'SCOPE_TOO_NARROW'],
  ['gone', 'DINGTALK_UNAVAILABLE'],
])('a DingTalkError of kind %s is told the user as %s', async (kind, code) => {
  const { reason, ...fields } = { endpoint: '/v1', reason: 'r', dingTalkCode: 'c', requestId: 'i', networkCode: 'n' };
  const error = await errorOf(
    mapDingTalkErrors(() => {
      throw new DingTalkError(kind, { ...fields, reason, status: 403 });
    }),
  );
  expect(error.code).toBe(code);
  expect(error.detail).toEqual({ ...fields, reason, httpStatus: 403 });
});

it('an error that is not DingTalk’s is not mapped', async () => {
  const error = new TypeError('a fault of ours');
  await expect(mapDingTalkErrors(() => Promise.reject(error))).rejects.toBe(error);
});

it('a sign-in waits five seconds for DingTalk, unless it is told otherwise', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout');
  await fetchAccount(app, newCode(), () => undefined);
  await fetchMember(app, jsapiCode(), cache);
  expect(timeout.mock.calls).toEqual([[5000], [5000], [5000]]);
  expect(DINGTALK_TIMEOUT_MS).toBe(5000);
  timeout.mockRestore();
});

const newCode = (account = 'wang-fang', scope = 'openid') =>
  dingtalk.authorize({ clientId: app.clientId, account, scope });

describe('fetchAccount', () => {
  const fetch = (code = newCode(), withApp = app) => fetchAccount(withApp, code, () => undefined, TIMEOUT_MS);
  const callsTo = (endpoint: string) => dingtalk.calls.filter(({ path }) => path.endsWith(endpoint)).length;

  it('reads the account with two calls on one connection', async () => {
    expect(await fetch()).toEqual({
      unionId: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE',
      openId: '7AoDugNavtMSkO3E',
      nick: '芳芳',
      mobile: '13911112222',
      stateCode: '86',
      email: 'wangfang@example.com',
      corpId: undefined,
    });
    await fetch();
    const calls = ['POST /v1.0/oauth2/userAccessToken', 'GET /v1.0/contact/users/me'];
    expect(callsOf()).toEqual([...calls, ...calls]);
    expect(dingtalk.connections).toBeLessThanOrEqual(1);
  });

  it('names the organization, and has it checked before it reads the account', async () => {
    const code = newCode('wang-fang', 'openid corpid');
    const callsBefore: string[][] = [];
    const check = jest.fn(() => void callsBefore.push(callsOf()));
    expect((await fetchAccount(app, code, check, TIMEOUT_MS)).corpId).toBe(corpId);
    expect(check).toHaveBeenCalledWith(corpId);
    expect(callsBefore).toEqual([['POST /v1.0/oauth2/userAccessToken']]);
  });

  it('T11: reads nothing of the account where the organization is refused', async () => {
    const refusal = new CodedError('WRONG_ORGANIZATION');
    const refuse = () => {
      throw refusal;
    };
    await expect(fetchAccount(app, newCode(), refuse, TIMEOUT_MS)).rejects.toBe(refusal);
    expect(callsOf()).toEqual(['POST /v1.0/oauth2/userAccessToken']);
  });

  it('knows of no organization unless the scope has it', async () => {
    expect((await fetch()).corpId).toBeUndefined();
  });

  it('finds no phone number where the permission for it is missing', async () => {
    dingtalk.data.apps[0].permissions = ['Contact.User.Read'];
    expect((await fetch()).mobile).toBeUndefined();
  });

  it('a code that was used is refused as CODE_INVALID', async () => {
    const code = newCode();
    await fetch(code);
    expect(await errorOf(fetch(code))).toMatchObject({ code: 'CODE_INVALID', status: 401 });
  });

  it('wrong credentials are refused as CREDENTIALS_INVALID', async () => {
    const error = await errorOf(fetch(newCode(), { ...app, clientSecret: 'wrong' }));
    expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID' });
  });

  it('a missing permission is refused as PERMISSION_MISSING', async () => {
    dingtalk.data.apps[0].permissions = [];
    expect(await errorOf(fetch())).toMatchObject({ code: 'PERMISSION_MISSING' });
  });

  it('a server that is not on the app’s list is refused as IP_NOT_ALLOWED', async () => {
    dingtalk.data.apps[0].ipWhiteList = ['192.0.2.1'];
    expect(await errorOf(fetch())).toMatchObject({ code: 'IP_NOT_ALLOWED' });
  });

  it.each(['reset', 'error500'] as const)('repeats the second call once after %s', async (kind) => {
    fault({ endpoint: 'users/me', fault: kind, times: 1 });
    await fetch();
    expect([callsTo('userAccessToken'), callsTo('users/me')]).toEqual([1, 2]);
  });

  it.each(['reset', 'error500'] as const)('repeats the second call no more than once after %s', async (kind) => {
    fault({ endpoint: 'users/me', fault: kind });
    expect(await errorOf(fetch())).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect([callsTo('userAccessToken'), callsTo('users/me')]).toEqual([1, 2]);
  });

  it.each(['throttle403', 'permission403', 'htmlBan', 'redirect302'] as const)(
    'does not repeat the second call after %s',
    async (kind) => {
      fault({ endpoint: 'users/me', fault: kind, times: 1 });
      await errorOf(fetch());
      expect(callsTo('users/me')).toBe(1);
    },
  );

  it.each(['reset', 'error500'] as const)('never repeats the first call, whose code works once: %s', async (kind) => {
    fault({ endpoint: 'userAccessToken', fault: kind, times: 1 });
    expect(await errorOf(fetch())).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect([callsTo('userAccessToken'), callsTo('users/me')]).toEqual([1, 0]);
  });

  it('waits no longer than the time limit for both calls together', async () => {
    fault({ endpoint: 'userAccessToken', fault: 'slow', delayMs: 500 });
    fault({ endpoint: 'users/me', fault: 'hang' });
    const began = performance.now();
    const error = await errorOf(fetchAccount(app, newCode(), () => undefined, 800));
    expect(error).toMatchObject({ code: 'DINGTALK_UNAVAILABLE', detail: { reason: 'no answer in time' } });
    expect(performance.now() - began).toBeLessThan(500 + 800);
  });

  it('gives a repetition no more time than the rest', async () => {
    fault({ endpoint: 'users/me', fault: 'error500', delayMs: 500 });
    const error = await errorOf(fetchAccount(app, newCode(), () => undefined, 800));
    expect(error).toMatchObject({ code: 'DINGTALK_UNAVAILABLE', detail: { reason: 'no answer in time' } });
    expect(callsTo('users/me')).toBe(2);
  });

  it('leaves DingTalk’s request id for the log', async () => {
    expect((await errorOf(fetch('no-code'))).detail).toEqual({
      endpoint: '/v1.0/oauth2/userAccessToken',
      httpStatus: 400,
      dingTalkCode: 'invalidParameter.authCode.notFound',
      requestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
      reason: 'refused by DingTalk',
    });
  });
});

const jsapiCode = (account = 'wang-fang') => dingtalk.jsapiCode({ clientId: app.clientId, account, corpId });

describe('fetchMember', () => {
  const TOKEN = 'POST /v1.0/oauth2/accessToken';
  const BY_CODE = 'POST /topapi/v2/user/getuserinfo';
  const DETAILS = 'POST /topapi/v2/user/get';

  const fetch = (code = jsapiCode(), timeoutMs = TIMEOUT_MS) => fetchMember(app, code, cache, timeoutMs);
  const fetchAll = async (code = jsapiCode(), timeoutMs = TIMEOUT_MS) => (await fetch(code, timeoutMs)).fetchAccount();

  it('names the member by one call, and the account by another', async () => {
    const { mobile, memberships, unionId } = dingtalk.addAccount({ id: 'new-member' });
    const member = await fetch(jsapiCode('new-member'));
    expect(member.unionId).toBe(unionId);
    expect(callsOf()).toEqual([TOKEN, BY_CODE]);
    expect(await member.fetchAccount()).toEqual({
      unionId,
      nick: memberships[0].name,
      mobile,
      stateCode: '86',
    });
    expect(callsOf()).toEqual([TOKEN, BY_CODE, DETAILS]);
  });

  it.each(['张伟01', 'zhang wei'])('names a member whose userid the organization chose: %s', async (userid) => {
    const { memberships, unionId } = dingtalk.addAccount({ id: 'chosen' });
    memberships[0].userid = userid;
    const member = await fetch(jsapiCode('chosen'));
    expect(member.unionId).toBe(unionId);
    expect(await member.fetchAccount()).toMatchObject({ nick: memberships[0].name });
  });

  it('reads a dedicated account, which may have no phone number, or one with its country in it', async () => {
    dingtalk.addAccount({ id: 'dedicated', dedicatedTo: corpId, mobile: undefined });
    expect((await fetchAll(jsapiCode('dedicated'))).mobile).toBeUndefined();
    const { memberships } = dingtalk.addAccount({ id: 'dedicated-2', dedicatedTo: corpId });
    memberships[0].mobile = '+86-13412341234';
    expect(await fetchAll(jsapiCode('dedicated-2'))).toMatchObject({ mobile: '+86-13412341234' });
  });

  it('needs one more call for the token of an older app, and only with its Corp ID', async () => {
    dingtalk.data.apps[0].tokenNeedsCorpId = true;
    expect(await errorOf(fetch())).toMatchObject({ code: 'CREDENTIALS_INVALID' });
    app = { ...app, corpId };
    const member = await fetch();
    expect(member.unionId).toEqual(expect.any(String));
    expect(callsOf()).toEqual([TOKEN, TOKEN, `POST /v1.0/oauth2/${corpId}/token`, BY_CODE]);
    app = { ...app, clientSecret: 'wrong' };
    expect(await errorOf(fetch())).toMatchObject({ code: 'CREDENTIALS_INVALID' });
  });

  it('asks for the app’s token once for many members', async () => {
    await fetchAll();
    await fetchAll();
    expect(callsOf()).toEqual([TOKEN, BY_CODE, DETAILS, BY_CODE, DETAILS]);
  });

  it('refuses a code that was used as CODE_INVALID', async () => {
    const code = jsapiCode();
    await fetch(code);
    expect(await errorOf(fetch(code))).toMatchObject({ code: 'CODE_INVALID' });
  });

  it('refuses an account that is no member as NOT_A_MEMBER', async () => {
    const account = dingtalk.addAccount({ id: 'left' });
    account.memberships[0].left = true;
    expect(await errorOf(fetch(jsapiCode('left')))).toMatchObject({ code: 'NOT_A_MEMBER' });
  });

  it('refuses a member outside of the app’s scope as SCOPE_TOO_NARROW', async () => {
    const member = await fetch();
    dingtalk.data.apps[0].contactScope = [];
    expect(await errorOf(member.fetchAccount())).toMatchObject({ code: 'SCOPE_TOO_NARROW' });
  });

  it('refuses details of another account than the one of the code', async () => {
    const account = dingtalk.addAccount({ id: 'renamed' });
    const member = await fetch(jsapiCode('renamed'));
    account.unionId = 'another-union-id';
    expect(await errorOf(member.fetchAccount())).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
  });

  it.each(['busyMinus1', 'reset'] as const)('repeats the second call once after %s', async (kind) => {
    fault({ endpoint: 'v2/user/get', fault: kind, times: 1 });
    await fetchAll();
    expect(callsOf()).toEqual([TOKEN, BY_CODE, DETAILS, DETAILS]);
  });

  it('repeats the second call no more than once', async () => {
    fault({ endpoint: 'v2/user/get', fault: 'busyMinus1' });
    expect(await errorOf(fetchAll())).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect(callsOf()).toEqual([TOKEN, BY_CODE, DETAILS, DETAILS]);
  });

  it.each(['busyMinus1', 'reset'] as const)('never repeats the first call, whose code works once: %s', async (kind) => {
    fault({ endpoint: 'v2/user/getuserinfo', fault: kind, times: 1 });
    expect(await errorOf(fetch())).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect(callsOf()).toEqual([TOKEN, BY_CODE]);
  });

  it.each(['revokedToken', 'token88'] as const)('repeats the first call with a new token after %s', async (kind) => {
    fault({ endpoint: 'v2/user/getuserinfo', fault: kind, times: 1 });
    await fetch();
    expect(callsOf()).toEqual([TOKEN, BY_CODE, TOKEN, BY_CODE]);
  });

  it('waits no longer than the time limit for the token and both calls together', async () => {
    fault({ endpoint: 'accessToken', fault: 'slow', delayMs: 250 });
    fault({ endpoint: 'v2/user/getuserinfo', fault: 'slow', delayMs: 250 });
    fault({ endpoint: 'v2/user/get', fault: 'hang' });
    const began = performance.now();
    const error = await errorOf(fetchAll(jsapiCode(), 800));
    expect(error).toMatchObject({ code: 'DINGTALK_UNAVAILABLE', detail: { reason: 'no answer in time' } });
    expect(performance.now() - began).toBeLessThan(500 + 800);
  });
});

describe('fetchUserid', () => {
  const ENDPOINT = 'user/getbyunionid';
  const fetch = (unionId: string, timeoutMs = TIMEOUT_MS) => fetchUserid(app, unionId, cache, timeoutMs);

  it('names the member of an account by one call', async () => {
    const { unionId, memberships } = dingtalk.addAccount({ id: 'known' });
    memberships[0].userid = '张伟01';
    expect(await fetch(unionId)).toBe('张伟01');
    expect(callsOf()).toEqual(['POST /v1.0/oauth2/accessToken', `POST /topapi/${ENDPOINT}`]);
  });

  it('T36: knows no external contact, and nobody of another organization', async () => {
    const external = dingtalk.addAccount({ id: 'external' });
    external.memberships[0].contact_type = 1;
    const stranger = dingtalk.addAccount({ id: 'stranger' });
    stranger.memberships[0].corpId = dingtalk.data.organizations[1].corpId;
    expect([await fetch(external.unionId), await fetch(stranger.unionId)]).toEqual([undefined, undefined]);
  });

  it.each(['permission88', 'ipNotAllowed88'] as const)('knows nobody where DingTalk forbids it: %s', async (kind) => {
    fault({ endpoint: ENDPOINT, fault: kind });
    expect(await fetch(dingtalk.addAccount().unionId)).toBeUndefined();
  });

  it('knows nobody where the app gets no token', async () => {
    app = { ...app, clientSecret: 'wrong' };
    expect(await fetch(dingtalk.addAccount().unionId)).toBeUndefined();
  });

  it.each([
    ['throttle88', 'DINGTALK_BUSY'],
    ['htmlBan', 'DINGTALK_UNAVAILABLE'],
    ['hang', 'DINGTALK_UNAVAILABLE'],
  ] as const)('fails where DingTalk may answer a moment later: %s', async (kind, code) => {
    fault({ endpoint: ENDPOINT, fault: kind });
    expect(await errorOf(fetch(dingtalk.addAccount().unionId, 500))).toMatchObject({ code });
  });
});
