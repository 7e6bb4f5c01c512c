import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Bench, CLIENT, CORP } from './testing';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.emulator.reset());
afterAll(() => bench.emulator.close());

const COMPANY = '/__emulator/company';
const send = (method: string, path: string, body?: unknown) =>
  bench.fetch(path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });

test('the company is read, merged, replaced and reset', async () => {
  const { body: company } = await bench.ask(COMPANY);
  expect(company).toEqual(bench.emulator.company);

  const patch = {
    apps: [{ clientId: CLIENT.clientId, permissions: [] }],
    accounts: [
      { id: 'ada', mobile: null, nick: 'Lady' },
      { id: 'new', unionId: 'union-new', openId: 'open-new', nick: 'New' },
    ],
    faults: [{ endpoint: 'gettoken', fault: 'empty204' }],
    settings: { consent: 'never' },
  };
  expect((await send('PATCH', COMPANY, patch)).status).toBe(200);
  const { apps, accounts, faults, settings, corps } = bench.emulator.company;
  expect(apps[0]).toMatchObject({ clientSecret: CLIENT.clientSecret, permissions: [] });
  expect(accounts.map(({ id }) => id)).toEqual(['ada', 'ben', 'eve', 'lea', 'ext', 'new']);
  expect(accounts[0]).toMatchObject({ nick: 'Lady', openId: 'open-ada' });
  expect(accounts[0]).not.toHaveProperty('mobile');
  expect(faults).toEqual(patch.faults);
  expect(settings).toMatchObject({ consent: 'never', codeParameter: 'both' });
  expect(corps).toHaveLength(2);
  expect((await bench.fetch('/gettoken')).status).toBe(204);

  expect((await send('PUT', COMPANY, { ...company, accounts: [] })).status).toBe(200);
  expect(bench.emulator.company.accounts).toEqual([]);
  expect((await send('POST', '/__emulator/reset')).status).toBe(204);
  expect(bench.emulator.company).toEqual(company);
});

test('a wrong company is refused and changes nothing', async () => {
  const before = structuredClone(bench.emulator.company);
  const response = await send('PATCH', COMPANY, {
    settings: { consent: 'perhaps' },
    corps: [{ corpId: 'x', name: 'X' }],
  });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: string };
  expect(error).toMatch(/corps\.2\.corpId: must be "ding" and 32 hexadecimal digits[^]*settings\.consent: /);
  expect((await send('PUT', COMPANY, [])).status).toBe(400);
  expect((await send('PATCH', COMPANY, { acounts: [] })).status).toBe(400);
  expect(bench.emulator.company).toEqual(before);
});

test('codes without a browser', async () => {
  const codeOf = async (body: unknown) =>
    ((await (await send('POST', '/__emulator/codes', body)).json()) as { code: string }).code;
  const oauth = await codeOf({ clientId: CLIENT.clientId, account: 'ada', scope: 'openid corpid', corpId: CORP });
  expect((await bench.exchange(oauth)).body.corpId).toBe(CORP);
  const jsapi = await codeOf({ kind: 'jsapi', clientId: CLIENT.clientId, account: 'ada', corpId: CORP });
  const info = `/topapi/v2/user/getuserinfo?access_token=${await bench.appToken()}`;
  expect((await bench.post(info, { code: jsapi })).body.errcode).toBe(0);
  for (const wrong of [{ account: 'nobody' }, { clientId: 'nobody' }, { scope: 'x' }])
    expect(
      (await send('POST', '/__emulator/codes', { clientId: CLIENT.clientId, account: 'ada', ...wrong })).status,
    ).toBe(400);
});

test('calls are the requests to DingTalk, with their connections', async () => {
  await bench.ask('/gettoken?appkey=k');
  await bench.ask('/v1.0/contact/users/me');
  const { body } = await bench.ask('/__emulator/calls');
  const now = Date.UTC(2026, 0, 1);
  expect(body.calls).toEqual([
    {
      method: 'GET',
      path: '/gettoken',
      query: 'appkey=k',
      at: now,
      status: 200,
      socket: expect.any(Number) as unknown,
    },
    {
      method: 'GET',
      path: '/v1.0/contact/users/me',
      query: '',
      at: now,
      status: 400,
      socket: expect.any(Number) as unknown,
    },
  ]);
  expect(body.connections).toBe(bench.emulator.connections);
  const [own] = (await once(get(`${bench.emulator.url}/gettoken`, { agent: false }), 'response')) as [IncomingMessage];
  own.resume();
  expect(bench.emulator.connections).toBe(Number(body.connections) + 1);
  expect(bench.emulator.calls[2].socket).toBeGreaterThan(bench.emulator.calls[1].socket);
  expect((await send('DELETE', '/__emulator/calls')).status).toBe(204);
  expect(bench.emulator.calls).toEqual([]);
});

test('reset forgets codes and tokens', async () => {
  const [code, token] = [bench.code(), await bench.userToken()];
  bench.emulator.reset();
  expect((await bench.exchange(code)).status).toBe(400);
  expect((await bench.withToken('/v1.0/contact/users/me', token)).body.code).toBe('InvalidAuthentication');
});
