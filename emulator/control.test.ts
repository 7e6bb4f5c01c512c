import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Harness, CLIENT, CORP } from './harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const DATA = '/__emulator/data';
const send = (method: string, path: string, body?: unknown) =>
  harness.fetch(path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });

it('the data is read, merged, replaced and reset', async () => {
  const { body: data } = await harness.ask(DATA);
  expect(data).toEqual(harness.emulator.data);

  const patch = {
    apps: [{ clientId: CLIENT.clientId, permissions: [] }],
    accounts: [
      { id: 'ada', mobile: null, nick: 'Lady' },
      { id: 'new', unionId: 'union-new', openId: 'open-new', nick: 'New' },
    ],
    faults: [{ endpoint: 'gettoken', fault: 'empty204' }],
    settings: { consent: 'never' },
  };
  expect((await send('PATCH', DATA, patch)).status).toBe(200);
  const { apps, accounts, faults, settings, organizations } = harness.emulator.data;
  expect(apps[0]).toMatchObject({ clientSecret: CLIENT.clientSecret, permissions: [] });
  expect(accounts.map(({ id }) => id)).toEqual(['ada', 'ben', 'eve', 'lea', 'ext', 'new']);
  expect(accounts[0]).toMatchObject({ nick: 'Lady', openId: 'open-ada' });
  expect(accounts[0]).not.toHaveProperty('mobile');
  expect(faults).toEqual(patch.faults);
  expect(settings).toMatchObject({ consent: 'never', codeParameter: 'both' });
  expect(organizations).toHaveLength(2);
  expect((await harness.fetch('/gettoken')).status).toBe(204);

  expect((await send('PUT', DATA, { ...data, accounts: [] })).status).toBe(200);
  expect(harness.emulator.data.accounts).toEqual([]);
  expect((await send('POST', '/__emulator/reset')).status).toBe(204);
  expect(harness.emulator.data).toEqual(data);
});

it('a wrong data is refused and changes nothing', async () => {
  const before = structuredClone(harness.emulator.data);
  const response = await send('PATCH', DATA, {
    settings: { consent: 'perhaps' },
    organizations: [{ corpId: 'x', name: 'X' }],
  });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: string };
  expect(error).toMatch(/organizations\.2\.corpId: must be "ding" and 32 hexadecimal digits[^]*settings\.consent: /);
  expect((await send('PUT', DATA, [])).status).toBe(400);
  expect((await send('PATCH', DATA, { acounts: [] })).status).toBe(400);
  expect(harness.emulator.data).toEqual(before);
});

it('codes without a browser', async () => {
  const codeOf = async (body: unknown) =>
    ((await (await send('POST', '/__emulator/codes', body)).json()) as { code: string }).code;
  const oauth = await codeOf({ clientId: CLIENT.clientId, account: 'ada', scope: 'openid corpid', corpId: CORP });
  expect((await harness.exchange(oauth)).body.corpId).toBe(CORP);
  const jsapi = await codeOf({ kind: 'jsapi', clientId: CLIENT.clientId, account: 'ada', corpId: CORP });
  const info = `/topapi/v2/user/getuserinfo?access_token=${await harness.appToken()}`;
  expect((await harness.post(info, { code: jsapi })).body.errcode).toBe(0);
  for (const wrong of [{ account: 'unknown' }, { clientId: 'unknown' }, { scope: 'x' }]) {
    expect(
      (await send('POST', '/__emulator/codes', { clientId: CLIENT.clientId, account: 'ada', ...wrong })).status,
    ).toBe(400);
  }
});

it('calls are the requests to DingTalk, with their connections', async () => {
  await harness.ask('/gettoken?appkey=k');
  await harness.ask('/v1.0/contact/users/me');
  const { body } = await harness.ask('/__emulator/calls');
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
  expect(body.connections).toBe(harness.emulator.connections);
  const [own] = (await once(get(`${harness.emulator.url}/gettoken`, { agent: false }), 'response')) as [
    IncomingMessage,
  ];
  own.resume();
  expect(harness.emulator.connections).toBe(Number(body.connections) + 1);
  expect(harness.emulator.calls[2].socket).toBeGreaterThan(harness.emulator.calls[1].socket);
  expect((await send('DELETE', '/__emulator/calls')).status).toBe(204);
  expect(harness.emulator.calls).toEqual([]);
});

it('reset forgets codes and tokens', async () => {
  const [code, token] = [harness.code(), await harness.userToken()];
  harness.emulator.reset();
  expect((await harness.exchange(code)).status).toBe(400);
  expect((await harness.withToken('/v1.0/contact/users/me', token)).body.code).toBe('InvalidAuthentication');
});
