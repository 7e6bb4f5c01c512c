import { apiError, Harness, CLIENT, HOUR } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const ME = '/v1.0/contact/users/me';
const badToken = apiError(400, 'InvalidAuthentication', '不合法的access_token');
const noHeader = apiError(400, 'AuthenticationFailed.MissingParameter', '缺少参数：x-acs-dingtalk-access-token');
const denied = apiError(
  403,
  'Forbidden.AccessDenied.AccessTokenPermissionDenied',
  '没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission',
  { accessdenieddetail: { requiredScopes: ['Contact.User.Read'] } },
);
const take = (...names: string[]) => {
  harness.app.permissions = harness.app.permissions.filter((name) => !names.includes(name));
};

const ada = {
  nick: 'Ada <b>"1"</b>',
  unionId: 'union-ada',
  avatarUrl: 'https://example.com/ada.jpg',
  openId: 'open-ada',
  mobile: '18900000000',
  stateCode: '86',
  email: 'ada@example.com',
  visitor: false,
};
const ben = { nick: 'Ben', unionId: 'union-ben', openId: 'open-ben', visitor: false };

it('me is the owner of the token', async () => {
  expect(await harness.withToken(ME, await harness.userToken())).toEqual({
    status: 200,
    type: 'application/json;charset=utf-8',
    body: ada,
  });
});

it('what is not set is absent, or empty', async () => {
  const token = await harness.userToken('ben');
  expect((await harness.withToken(ME, token)).body).toEqual(ben);
  harness.emulator.data.settings.unsetFields = 'empty';
  const empty = { avatarUrl: '', mobile: '', stateCode: '', email: '' };
  expect((await harness.withToken(ME, token)).body).toEqual({ ...ben, ...empty });
});

it('a unionId in the place of me', async () => {
  const token = await harness.userToken();
  expect((await harness.withToken('/v1.0/contact/users/union-ben', token)).body).toEqual(ben);
  expect(await harness.withToken('/v1.0/contact/users/unknown', token)).toEqual(
    apiError(404, 'invalidParameter.user.notFound', '找不到该用户'),
  );
});

it('the token is read from its own header only', async () => {
  const token = await harness.userToken();
  expect(await harness.ask(ME)).toEqual(noHeader);
  expect(await harness.ask(`${ME}?access_token=${token}`)).toEqual(noHeader);
  expect(await harness.ask(ME, { headers: { Authorization: `Bearer ${token}` } })).toEqual(noHeader);
  expect(await harness.withToken(ME, 'nonsense')).toEqual(badToken);
});

it('a token is good for two hours', async () => {
  const token = await harness.userToken();
  harness.pass(2 * HOUR - 1);
  expect((await harness.withToken(ME, token)).status).toBe(200);
  harness.pass(1);
  expect(await harness.withToken(ME, token)).toEqual(badToken);
  harness.emulator.data.settings.expiredUserToken = 'accesstoken.expired';
  expect(await harness.withToken(ME, token)).toEqual(apiError(400, 'accesstoken.expired', '用户accessToken过期'));
  expect(await harness.withToken(ME, 'nonsense')).toEqual(badToken);
});

it('an app token, and an app without the permission, are denied', async () => {
  expect(await harness.withToken(ME, await harness.appToken())).toEqual(denied);
  const token = await harness.userToken();
  take('Contact.User.Read');
  expect(await harness.withToken(ME, token)).toEqual(denied);
  harness.emulator.data.settings.permissionWording = 'recent';
  const { message } = (await harness.withToken(ME, token)).body;
  expect(message).toBe(
    '应用尚未开通所需的权限：[Contact.User.Read]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content=dingclient%23Contact.User.Read',
  );
});

it('without its permission the phone is silently missing', async () => {
  take('Contact.User.mobile');
  const { mobile, stateCode, ...rest } = ada;
  const token = await harness.userToken();
  expect((await harness.withToken(ME, token)).body).toEqual(rest);
  harness.emulator.data.settings.stateCodeNeedsPermission = false;
  expect((await harness.withToken(ME, token)).body).toEqual({ ...rest, stateCode });
  expect(mobile).toBe('18900000000');
});

it('a permission that comes after the consent needs a new consent', async () => {
  take('Contact.User.mobile');
  const before = await harness.userToken();
  harness.app.permissions.push('Contact.User.mobile');
  expect((await harness.withToken(ME, before)).body).not.toHaveProperty('mobile');
  expect((await harness.withToken(ME, await harness.userToken())).body).toHaveProperty('mobile');
});

it('state codes may carry a plus, and apps of other vendors see masked phones', async () => {
  harness.emulator.data.settings.stateCodePlus = true;
  harness.app.kind = 'isv';
  expect((await harness.withToken(ME, await harness.userToken())).body).toMatchObject({
    stateCode: '+86',
    mobile: '189****0000',
  });
});

it('an address outside the white list is denied', async () => {
  const token = await harness.userToken();
  harness.app.ipWhiteList = ['10.0.0.1'];
  expect(await harness.withToken(ME, token)).toEqual(
    apiError(403, 'Forbidden.AccessDenied.IpNotInWhiteList', '访问ip不在白名单之中'),
  );
  harness.app.ipWhiteList.push('127.0.0.1');
  expect((await harness.withToken(ME, token)).status).toBe(200);
});

it('authRules tells what the account granted', async () => {
  const path = '/v1.0/oauth2/authRules/user';
  const token = await harness.userToken();
  const call = { resource: 'rpc_auth', authItems: ['Contact.User.Read'] };
  const mobile = { resource: 'Contact.User', authItems: ['mobile'] };
  expect((await harness.withToken(path, token)).body).toEqual({ result: [call, mobile] });
  take('Contact.User.mobile');
  expect((await harness.withToken(path, token)).body).toEqual({ result: [call] });
  expect(await harness.withToken(path, CLIENT.clientSecret)).toEqual(badToken);
});
