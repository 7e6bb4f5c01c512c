import { apiError, gatewayError, Harness, oapiError, SECOND } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
beforeEach(() => {
  harness.emulator.data.settings.maxPerSecond = 20;
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const TEXT = '您的企业应用调用当前接口的所有请求都被暂时禁用了';
const sub = () => harness.topapi('v2/department/listsub', { dept_id: 1 });
const codes = async (calls: number) => {
  const seen = [];
  for (let call = 0; call < calls; call++) {
    seen.push((await sub()).body.errcode);
  }
  return seen;
};
const right = (calls: number) => Array.from({ length: calls }, () => 0);

it('the 21st request of a second is refused', async () => {
  expect(await codes(20)).toEqual(right(20));
  expect(await sub()).toEqual(gatewayError('90018', TEXT));
  harness.pass(SECOND - 1);
  expect((await sub()).body.errcode).toBe(88);
  harness.pass(1);
  expect(await codes(20)).toEqual(right(20));
});

it('each endpoint counts for itself, and each app', async () => {
  await codes(20);
  expect((await harness.topapi('user/count', { only_active: true })).body.errcode).toBe(0);
  const other = await harness.appToken({ clientId: 'dingother', clientSecret: 'othersecret' });
  expect((await harness.post(`/topapi/v2/department/listsub?access_token=${other}`, {})).body.errcode).toBe(0);
  expect((await sub()).body.errcode).toBe(88);
});

it('the error may be plain', async () => {
  harness.emulator.data.settings.throttleWrapped = false;
  await codes(20);
  expect(await sub()).toEqual(oapiError(90018, TEXT));
});

it('the new API refuses in its own way', async () => {
  harness.emulator.data.settings.maxPerSecond = 1;
  const token = await harness.userToken();
  expect((await harness.withToken('/v1.0/contact/users/me', token)).status).toBe(200);
  expect(await harness.withToken('/v1.0/contact/users/me', token)).toEqual(
    apiError(
      403,
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
      '您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了',
    ),
  );
});

it('a penalty refuses everything for a while', async () => {
  harness.emulator.data.settings.throttlePenaltyMs = 60 * SECOND;
  expect((await codes(21)).at(-1)).toBe(88);
  harness.pass(60 * SECOND - 1);
  expect((await sub()).body.errcode).toBe(88);
  harness.pass(1);
  expect((await sub()).body.errcode).toBe(0);
});

it('there is no limit by default', async () => {
  harness.emulator.reset();
  expect(await codes(50)).toEqual(right(50));
});
