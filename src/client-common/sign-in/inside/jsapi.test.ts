/**
 * @jest-environment jsdom
 */
import setTitle from 'dingtalk-jsapi/api/biz/navigation/setTitle';
import requestAuthCodeOfOldClients from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import requestAuthCodeOfClients from 'dingtalk-jsapi/api/union/requestAuthCode';
import type { DingTalkClientCode } from '../../../shared/codes';
import jsapi from './jsapi';

// The real library and the bridges of each device are in devices.test.ts and e2e/dingtalk-client.browser.test.ts.
jest.mock('dingtalk-jsapi/platform', () => ({}));
jest.mock('dingtalk-jsapi/platform/gdt/standardAndroid', () => ({}));
jest.mock('dingtalk-jsapi/platform/gdt/standardIos', () => ({}));
jest.mock('dingtalk-jsapi/lib/ddSdk', () => ({ ddSdk: { setAPI: () => undefined } }));
jest.mock('dingtalk-jsapi/api/biz/navigation/setTitle', () => ({ __esModule: true, default: jest.fn() }));
jest.mock('dingtalk-jsapi/api/runtime/permission/requestAuthCode', () => ({ __esModule: true, default: jest.fn() }));
jest.mock('dingtalk-jsapi/api/union/requestAuthCode', () => ({ __esModule: true, default: jest.fn() }));

const request = jest.mocked(requestAuthCodeOfClients);
const oldRequest = jest.mocked(requestAuthCodeOfOldClients);
const { requestAuthCode, showTitle } = jsapi();
const app = { clientId: 'client', corpId: 'ding1' };

beforeEach(() => {
  jest.useFakeTimers();
  jest.resetAllMocks();
});
afterEach(() => {
  jest.useRealTimers();
});

/** What a client says that gives no code: the number of the error as text, as some clients have it, or as number. */
const answers: [string, DingTalkClientCode, { errorCode: string | number; errorMessage?: string }][] = [
  ['the user cancels', 'ACCESS_DENIED', { errorCode: '-1', errorMessage: '用户取消' }],
  ['the domain is not registered', 'DOMAIN_NOT_REGISTERED', { errorCode: '3', errorMessage: '对应企业没有域名微应用' }],
  [
    'the domain is not registered (older)',
    'DOMAIN_NOT_REGISTERED',
    { errorCode: '3', errorMessage: '1002, err msg redirect_uri domain is not secure domain' },
  ],
  ['the Corp ID is wrong', 'CORP_ID_INVALID', { errorCode: '3', errorMessage: '1002,corpId不合法' }],
  ['the user is no member', 'DOMAIN_NOT_REGISTERED', { errorCode: '3', errorMessage: '用户不在该企业中' }],
  ['the client refuses', 'CLIENT_REFUSES', { errorCode: '7', errorMessage: '没有权限' }],
  ['the client is lost for words', 'CLIENT_REFUSES', { errorCode: '9' }],
];

describe('requestAuthCode', () => {
  it('gives the authorization code of the client, for the app and the organization', async () => {
    request.mockResolvedValue({ code: 'c' });
    await expect(requestAuthCode(app)).resolves.toBe('c');
    expect(request).toHaveBeenCalledWith(app);
    expect(oldRequest).not.toHaveBeenCalled();
  });

  it.each(answers)('where %s, fails with %s', async (_, code, answer) => {
    for (const errorCode of [String(answer.errorCode), Number(answer.errorCode)]) {
      request.mockRejectedValueOnce({ ...answer, errorCode });
      await expect(requestAuthCode(app)).rejects.toMatchObject({ code });
    }
    expect(oldRequest).not.toHaveBeenCalled();
  });

  it.each([
    ['a text', 'oops'],
    ['nothing', undefined],
    ['an error', new Error('x')],
  ])('where the client fails with %s, fails with CLIENT_REFUSES', async (_, error) => {
    request.mockRejectedValue(error);
    await expect(requestAuthCode(app)).rejects.toMatchObject({ code: 'CLIENT_REFUSES' });
  });

  it.each(['1', 1, '4050', '4060'])(
    'asks a client by the older call if it does not know the call (%s)',
    async (errorCode) => {
      request.mockRejectedValue({ errorCode, errorMessage: '接口不存在' });
      oldRequest.mockResolvedValue({ code: 'old' });
      await expect(requestAuthCode(app)).resolves.toBe('old');
      expect(oldRequest).toHaveBeenCalledWith({ corpId: 'ding1' });
    },
  );

  it('fails with CLIENT_TOO_OLD if the client does not know the older call either', async () => {
    request.mockRejectedValue({ errorCode: '1' });
    oldRequest.mockRejectedValue({ errorCode: '1', errorMessage: '接口不存在' });
    await expect(requestAuthCode(app)).rejects.toMatchObject({ code: 'CLIENT_TOO_OLD' });
  });

  it('fails with CLIENT_SILENT if no answer comes within five seconds', async () => {
    request.mockReturnValue(new Promise(() => undefined));
    let failure: unknown;
    requestAuthCode(app).catch((error) => (failure = error));
    await jest.advanceTimersByTimeAsync(4999);
    expect(failure).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(failure).toMatchObject({ code: 'CLIENT_SILENT' });
  });

  it('counts the older call in these five seconds', async () => {
    request.mockImplementation(() => new Promise((_, reject) => setTimeout(() => reject({ errorCode: '1' }), 3000)));
    oldRequest.mockReturnValue(new Promise(() => undefined));
    let failure: unknown;
    requestAuthCode(app).catch((error) => (failure = error));
    await jest.advanceTimersByTimeAsync(5000);
    expect(failure).toMatchObject({ code: 'CLIENT_SILENT' });
  });
});

describe('in a build of an organization’s own (TaurusApp), where nobody can say what a failure means', () => {
  beforeEach(() => void jest.spyOn(navigator, 'userAgent', 'get').mockReturnValue('AliApp(DingTalk/7.6.0) TaurusApp'));

  it.each(answers)('where %s, blames nobody for %s', async (_, code, answer) => {
    request.mockRejectedValueOnce(answer);
    const expected = code === 'ACCESS_DENIED' ? code : 'UNKNOWN_CLIENT';
    await expect(requestAuthCode(app)).rejects.toMatchObject({ code: expected });
  });

  it('gives the authorization code, if the client has one', async () => {
    request.mockResolvedValue({ code: 'c' });
    await expect(requestAuthCode(app)).resolves.toBe('c');
  });
});

describe('showTitle', () => {
  it('tells the client the title, and goes on if the client does not take it', async () => {
    jest.mocked(setTitle).mockRejectedValue({ errorCode: '1' });
    showTitle('Harbour Tech');
    await jest.advanceTimersByTimeAsync(0);
    expect(setTitle).toHaveBeenCalledWith({ title: 'Harbour Tech' });
  });
});
