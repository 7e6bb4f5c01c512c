import { apiError, Bench, CLIENT, HOUR } from '../testing';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.emulator.reset());
afterAll(() => bench.emulator.close());

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
  bench.app.permissions = bench.app.permissions.filter((name) => !names.includes(name));
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

test('me is the owner of the token', async () => {
  expect(await bench.withToken(ME, await bench.userToken())).toEqual({
    status: 200,
    type: 'application/json;charset=utf-8',
    body: ada,
  });
});

test('what is not set is absent, or empty', async () => {
  const token = await bench.userToken('ben');
  expect((await bench.withToken(ME, token)).body).toEqual(ben);
  bench.emulator.company.settings.unsetFields = 'empty';
  const empty = { avatarUrl: '', mobile: '', stateCode: '', email: '' };
  expect((await bench.withToken(ME, token)).body).toEqual({ ...ben, ...empty });
});

test('a unionId in the place of me', async () => {
  const token = await bench.userToken();
  expect((await bench.withToken('/v1.0/contact/users/union-ben', token)).body).toEqual(ben);
  expect(await bench.withToken('/v1.0/contact/users/nobody', token)).toEqual(
    apiError(404, 'invalidParameter.user.notFound', '找不到该用户'),
  );
});

test('the token is read from its own header only', async () => {
  const token = await bench.userToken();
  expect(await bench.ask(ME)).toEqual(noHeader);
  expect(await bench.ask(`${ME}?access_token=${token}`)).toEqual(noHeader);
  expect(await bench.ask(ME, { headers: { Authorization: `Bearer ${token}` } })).toEqual(noHeader);
  expect(await bench.withToken(ME, 'nonsense')).toEqual(badToken);
});

test('a token is good for two hours', async () => {
  const token = await bench.userToken();
  bench.pass(2 * HOUR - 1);
  expect((await bench.withToken(ME, token)).status).toBe(200);
  bench.pass(1);
  expect(await bench.withToken(ME, token)).toEqual(badToken);
  bench.emulator.company.settings.expiredUserToken = 'accesstoken.expired';
  expect(await bench.withToken(ME, token)).toEqual(apiError(400, 'accesstoken.expired', '用户accessToken过期'));
  expect(await bench.withToken(ME, 'nonsense')).toEqual(badToken);
});

test('an app token, and an app without the permission, are denied', async () => {
  expect(await bench.withToken(ME, await bench.appToken())).toEqual(denied);
  const token = await bench.userToken();
  take('Contact.User.Read');
  expect(await bench.withToken(ME, token)).toEqual(denied);
  bench.emulator.company.settings.permissionWording = 'recent';
  const { message } = (await bench.withToken(ME, token)).body;
  expect(message).toBe(
    '应用尚未开通所需的权限：[Contact.User.Read]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content=dingclient%23Contact.User.Read',
  );
});

test('without its permission the phone is silently missing', async () => {
  take('Contact.User.mobile');
  const { mobile, stateCode, ...rest } = ada;
  const token = await bench.userToken();
  expect((await bench.withToken(ME, token)).body).toEqual(rest);
  bench.emulator.company.settings.stateCodeNeedsPermission = false;
  expect((await bench.withToken(ME, token)).body).toEqual({ ...rest, stateCode });
  expect(mobile).toBe('18900000000');
});

test('a permission that comes after the consent needs a new consent', async () => {
  take('Contact.User.mobile');
  const before = await bench.userToken();
  bench.app.permissions.push('Contact.User.mobile');
  expect((await bench.withToken(ME, before)).body).not.toHaveProperty('mobile');
  expect((await bench.withToken(ME, await bench.userToken())).body).toHaveProperty('mobile');
});

test('state codes may carry a plus, and apps of other vendors see masked phones', async () => {
  bench.emulator.company.settings.stateCodePlus = true;
  bench.app.kind = 'isv';
  expect((await bench.withToken(ME, await bench.userToken())).body).toMatchObject({
    stateCode: '+86',
    mobile: '189****0000',
  });
});

test('an address outside the white list is denied', async () => {
  const token = await bench.userToken();
  bench.app.ipWhiteList = ['10.0.0.1'];
  expect(await bench.withToken(ME, token)).toEqual(
    apiError(403, 'Forbidden.AccessDenied.IpNotInWhiteList', '访问ip不在白名单之中'),
  );
  bench.app.ipWhiteList.push('127.0.0.1');
  expect((await bench.withToken(ME, token)).status).toBe(200);
});

test('authRules tells what the person granted', async () => {
  const path = '/v1.0/oauth2/authRules/user';
  const token = await bench.userToken();
  const call = { resource: 'rpc_auth', authItems: ['Contact.User.Read'] };
  const mobile = { resource: 'Contact.User', authItems: ['mobile'] };
  expect((await bench.withToken(path, token)).body).toEqual({ result: [call, mobile] });
  take('Contact.User.mobile');
  expect((await bench.withToken(path, token)).body).toEqual({ result: [call] });
  expect(await bench.withToken(path, CLIENT.clientSecret)).toEqual(badToken);
});
