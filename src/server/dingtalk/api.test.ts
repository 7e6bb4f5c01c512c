import { withStub } from '../../../testing/nocobase/stub';
import {
  createAuthorizationUrl,
  getOrganizationToken,
  isWellFormedCorpId,
  parseAnswer,
  profileSchema,
  userTokenSchema,
} from './api';
import { DingTalkError, type DingTalkErrorKind } from './errors';

describe('createAuthorizationUrl', () => {
  const request = { clientId: 'ding&1', redirectUri: 'https://nb.example/api/dingtalk:redirect?a=ü', state: 'state' };
  const parametersOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  afterEach(() => delete process.env.DINGTALK_LOGIN_URL);

  it('asks for what DingTalk demands, each value encoded', () => {
    const url = createAuthorizationUrl(request);
    expect(url).toMatch(/^https:\/\/login\.dingtalk\.com\/oauth2\/auth\?/);
    expect(parametersOf(url)).toEqual({
      redirect_uri: request.redirectUri,
      response_type: 'code',
      client_id: 'ding&1',
      scope: 'openid',
      prompt: 'consent',
      state: 'state',
    });
  });

  it('asks for the organization where one is configured', () => {
    expect(parametersOf(createAuthorizationUrl({ ...request, corpId: 'dingcorp' }))).toMatchObject({
      scope: 'openid corpid',
      corpId: 'dingcorp',
    });
  });

  it('leads to the page for dedicated accounts of the organization, where they are configured', () => {
    const dedicated = { ...request, dedicatedAccounts: true };
    expect(parametersOf(createAuthorizationUrl({ ...dedicated, corpId: 'dingcorp' }))).toMatchObject({
      corpId: 'dingcorp',
      exclusiveLogin: 'true',
      exclusiveCorpId: 'dingcorp',
    });
    expect(createAuthorizationUrl(dedicated)).not.toContain('exclusive');
    expect(createAuthorizationUrl({ ...request, corpId: 'dingcorp' })).not.toContain('exclusive');
  });

  it('T12: is never an address that others on the network could read', () => {
    process.env.DINGTALK_LOGIN_URL = 'http://login.dingtalk.com';
    expect(() => createAuthorizationUrl(request)).toThrow(DingTalkError);
  });
});

it('T12: getOrganizationToken asks no other endpoint, whatever stands in place of a Corp ID', async () => {
  jest.spyOn(console, 'warn').mockReturnValue();
  const asked: unknown[] = [];
  await withStub(
    ({ url }, response) => {
      asked.push(url);
      response.end('{"access_token":"x"}');
    },
    () => getOrganizationToken({ clientId: 'c', clientSecret: 's' }, '../accessToken?x=', AbortSignal.timeout(5000)),
  );
  expect(asked).toEqual(['/v1.0/oauth2/..%2FaccessToken%3Fx%3D/token']);
});

const parse = (status: number, json: unknown, schema: Parameters<typeof parseAnswer>[1] = userTokenSchema) =>
  parseAnswer({ endpoint: '/v1.0/x', status, json }, schema);

function errorOf(...answer: Parameters<typeof parse>): unknown {
  try {
    return { answer: parse(...answer) };
  } catch (error) {
    return error;
  }
}

describe('an answer of api.dingtalk.com', () => {
  it.each<[string, DingTalkErrorKind]>([
    ['invalidParameter.authCode.notFound', 'code'],
    ['invalidClientIdOrSecret', 'credentials'],
    ['InvalidAuthentication', 'token'],
    ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 'permission'],
    ['Forbidden.AccessDenied.IpNotInWhiteList', 'ipNotAllowed'],
    ['request.overlimit', 'busy'],
    ['qps.exceed.limit', 'busy'],
    ['Forbidden.AccessDenied.QpsLimitForApi', 'busy'],
    ['Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'busy'],
    ['Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', 'busy'],
    ['Forbidden.AccessDenied.ApiCountLimit', 'busy'],
    ['Other.Forbidden.AccessDenied.QpsLimit', 'unexpected'],
    ['Forbidden.AccessDenied', 'unexpected'],
    ['system.busy', 'unexpected'],
    ['constructor', 'unexpected'],
    ['__proto__', 'unexpected'],
  ])('with the code %s is an error of kind %s, whatever its HTTP status', (code, kind) => {
    for (const status of [200, 400, 403, 500]) {
      const error = errorOf(status, JSON.parse(`{ "code": "${code}", "requestid": "01A08FE7-CD6B", "message": "无" }`));
      expect(error).toMatchObject({
        kind,
        endpoint: '/v1.0/x',
        status,
        dingTalkCode: code,
        requestId: '01A08FE7-CD6B',
        reason: 'refused by DingTalk',
      });
    }
  });

  it.each<[number, unknown, DingTalkErrorKind]>([
    [429, undefined, 'busy'],
    [200, { status: 1111 }, 'busy'],
    [403, { status: '1111' }, 'busy'],
    [200, { status: 1112 }, 'unexpected'],
    [200, undefined, 'unexpected'],
    [200, null, 'unexpected'],
    [200, [{ accessToken: 'x' }], 'unexpected'],
    [200, { accessToken: '' }, 'unexpected'],
    [200, { accessToken: { $ne: null } }, 'unexpected'],
    [200, { accessToken: 'x'.repeat(4097) }, 'unexpected'],
    [199, { accessToken: 'x' }, 'unexpected'],
    [300, { accessToken: 'x' }, 'unexpected'],
    [500, { accessToken: 'x' }, 'unexpected'],
  ])('HTTP %s with %j has no code, and is an error of kind %s', (status, json, kind) => {
    expect(errorOf(status, json)).toMatchObject({
      kind,
      status,
      dingTalkCode: undefined,
      reason: 'not an answer of DingTalk',
    });
  });

  it('T15: keeps codes for the log, and no sentence or line break', () => {
    expect(errorOf(400, { code: 'a sentence', requestid: 'forged\n{"outcome":"SIGNED_IN"}' })).toMatchObject({
      dingTalkCode: undefined,
      requestId: undefined,
    });
    expect(errorOf(400, { code: 'x'.repeat(129), requestid: 7 })).toMatchObject({
      dingTalkCode: undefined,
      requestId: '7',
    });
  });

  it.each([200, 201, 299])('HTTP %s is read', (status) => {
    expect(parse(status, { accessToken: 'x'.repeat(4096), corpId: 'ding1' })).toMatchObject({ corpId: 'ding1' });
  });

  it.each([
    ['unset', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', ' '],
    ['of another type', { $ne: null }],
  ])('a field that is %s is left out', (_, value) => {
    const fields = ['openId', 'nick', 'avatarUrl', 'mobile', 'stateCode', 'email'];
    const json = { unionId: 'u', ...Object.fromEntries(fields.map((field) => [field, value])) };
    expect(parse(200, json, profileSchema)).toEqual({ unionId: 'u' });
  });

  it('numbers count as texts, and spaces around them do not count', () => {
    const json = { unionId: ' 1 ', mobile: 13800138000, stateCode: 86, nick: ' 芳 ' };
    expect(parse(200, json, profileSchema)).toEqual({
      unionId: '1',
      mobile: '13800138000',
      stateCode: '86',
      nick: '芳',
    });
  });

  it.each(['', ' ', 'a b', 'a\0', '芳', 'x'.repeat(256), null, undefined, ['u'], { $ne: null }])(
    'a unionId %j is refused',
    (unionId) => {
      expect(errorOf(200, { unionId }, profileSchema)).toMatchObject({ kind: 'unexpected' });
    },
  );

  it('a unionId of 255 characters is read', () => {
    expect(parse(200, { unionId: 'x'.repeat(255) }, profileSchema)).toEqual({ unionId: 'x'.repeat(255) });
  });
});

describe('isWellFormedCorpId', () => {
  it.each(['ding12ab', 'dingA', 'DING1'])('%s is', (corpId) => expect(isWellFormedCorpId(corpId)).toBe(true));

  it.each([
    'ding',
    '',
    undefined,
    'corp1',
    'ding/../x',
    '../accessToken?x=',
    '../accessToken?x=ding1',
    'ding1 ',
    'ding1\n',
    `ding${'a'.repeat(37)}`,
  ])('T12: %j is not', (corpId) => expect(isWellFormedCorpId(corpId)).toBe(false));
});
