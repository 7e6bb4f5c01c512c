import http from 'node:http';
import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import { type Keys, seal, type Sealed } from '../../../testing/directory/callbacks';
import { NaiveCallback } from '../../../testing/directory/naive-callback';
import { Scene } from '../../../testing/directory/scene';
import { CLIENT_ID } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import type { CallbackKeys, EventState } from '../../shared/events';
import { EVENT_SOURCES, EVENTS } from './collections';

const MINUTE = 60_000;
const OTHER_AESKEY = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';

let scene: Scene;
let keys: Keys;
let url: string;
let naive: NaiveCallback;
let count = 0;

beforeAll(async () => {
  scene = await Scene.start({ company: { people: 2, departments: 1 }, options: { events: 'http' } });
  await scene.run();
  await renew();
  naive = new NaiveCallback(scene.nocobase, keys);
}, 120_000);

afterAll(() => scene?.stop());

afterEach(async () => {
  delete process.env.DINGTALK_DIRECTORY;
  await events().destroy({ where: {} });
});

const events = () => scene.nocobase.db.getModel(EVENTS);
const waiting = async () => (await events().findAll({ order: ['id'] })).map((row: Model) => row.get('dingtalkId'));
const eventState = async () => (await scene.root.call<EventState>('getEventState', { source: scene.source })).data;

async function renew(): Promise<CallbackKeys> {
  const { data, message } = await scene.root.call<CallbackKeys>('renewCallback', { source: scene.source });
  if (!data) {
    throw new Error(message);
  }
  keys = { ...data, owner: CLIENT_ID };
  url = data.url;
  return data;
}

/** An event of a member whom nobody knows. */
const joined = (values: object = {}) => ({
  EventType: 'user_add_org',
  CorpId: scene.dingtalk.corpId,
  userId: [`stranger${++count}`],
  ...values,
});

interface Answer {
  status: number;
  text: string;
  headers: string;
}

async function post(sealed: Partial<Sealed>, to = url, init: RequestInit = {}): Promise<Answer> {
  const address = new URL(to);
  Object.entries(sealed.query ?? {}).forEach(([name, value]) => address.searchParams.set(name, value));
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(sealed.body);
  const response = await fetch(address, { method: 'POST', headers, body, ...init });
  return answerOf(response.status, await response.text(), Object.fromEntries(response.headers));
}

function answerOf(status: number, text: string, headers: Record<string, string | string[] | undefined>): Answer {
  const changing = ['date', 'x-request-id', 'connection', 'keep-alive'];
  return {
    status,
    text,
    headers: JSON.stringify(
      Object.entries(headers)
        .filter(([name]) => !changing.includes(name))
        .sort(),
    ),
  };
}

/** Sends the head of a request alone, or more of it, and waits for the answer before the rest. */
function begin(headers: http.OutgoingHttpHeaders, part?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          request.destroy();
          resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headers));
        });
    });
    request.flushHeaders();
    if (part) {
      request.write(part);
    }
  });
}

describe('a callback of DingTalk', () => {
  it('is answered raw, signed and encrypted, and its IDs wait by then', async () => {
    const event = joined();
    const { status, text } = await post(seal(event, keys));
    expect(status).toBe(200);
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(['encrypt', 'msg_signature', 'nonce', 'timeStamp']);
    expect(await waiting()).toEqual(event.userId);
  });

  it('is accepted with its time in seconds, as DingTalk documents it', async () => {
    expect(await post(seal(joined(), keys, Math.floor(Date.now() / 1000)))).toMatchObject({ status: 200 });
  });

  it('that checks the address is noted, and so is how far the clocks are apart', async () => {
    await scene.dingtalk.saveCallback(CLIENT_ID, { url, token: keys.token, aesKey: keys.aesKey });
    await until('it is noted', async () => Boolean((await eventState())?.callback?.checkedAt), { everyMs: 50 });
    scene.dingtalk.removeCallback(CLIENT_ID);
    await post(seal(joined(), keys, Date.now() - 10 * MINUTE));
    await until('it is noted', async () => ((await eventState())?.callback?.skewMs ?? 0) > 9 * MINUTE, { everyMs: 50 });
    expect(await eventState()).toMatchObject({
      mode: 'http',
      isOff: false,
      callback: { url, isMade: true, madeAt: expect.any(Number), checkedAt: expect.any(Number) },
      lastEvent: { type: 'user_add_org' },
    });
  });

  it('of a kind that nobody here wants is accepted, and counted', async () => {
    expect(await post(seal({ EventType: 'bpms_instance_change', CorpId: scene.dingtalk.corpId }, keys))).toMatchObject({
      status: 200,
    });
    await until('it is counted', async () => (await eventState())?.foreign !== undefined, { everyMs: 50 });
    expect((await eventState())?.foreign).toEqual({ count: 1, types: ['bpms_instance_change'] });
    expect(await waiting()).toEqual([]);
  });

  it('is to be sent again where its IDs could not be stored', async () => {
    const bulkCreate = jest.spyOn(events(), 'bulkCreate').mockRejectedValueOnce(new Error('down'));
    const event = seal(joined(), keys);
    expect(await post(event)).toMatchObject({ status: 500, text: expect.stringContaining('EVENTS_FAILED') });
    bulkCreate.mockRestore();
    expect(await post(event)).toMatchObject({ status: 200 });
  });
});

describe('T84: an attacker', () => {
  const attacks: [string, () => Promise<Partial<Sealed>[]> | Partial<Sealed>[], number][] = [
    ['who signs nothing', () => [{ body: joined() as unknown as Sealed['body'] }], 0],
    ['who recorded a callback a day ago', () => [seal(joined(), keys, Date.now() - 24 * 60 * MINUTE)], 0],
    ['who has another app, with keys that leaked', () => [seal(joined(), { ...keys, owner: 'dingotherapp' })], 0],
    ['in another organization', () => [seal(joined({ CorpId: 'dingother' }), keys)], 0],
    [
      'who sends the same one again',
      () => {
        const sealed = seal(joined(), keys);
        return [sealed, sealed, sealed];
      },
      1,
    ],
  ];

  it.each(attacks)('CONTROL: %s has an unprotected callback ask DingTalk', async (_, make) => {
    const sent = await make();
    const before = naive.asked.length;
    for (const one of sent) {
      await post(one, `${scene.nocobase.url}/api/naive:event?source=main`);
    }
    expect(naive.asked.length - before).toBe(sent.length);
  });

  it.each(attacks)('%s has ours ask DingTalk no more than it should', async (_, make, expected) => {
    let rows = 0;
    for (const one of await make()) {
      await post(one);
      rows += (await waiting()).length;
      await events().destroy({ where: {} });
    }
    expect(rows).toBe(expected);
  });

  it('CONTROL: learns of an unprotected callback which sources there are', async () => {
    const answers = ['main', 'other'].map((source) =>
      post({ body: { encrypt: 'x' } }, `${scene.nocobase.url}/api/naive:event?source=${source}`),
    );
    const [known, unknown] = await Promise.all(answers);
    expect(known.status).not.toBe(unknown.status);
  });
});

describe('T84: whatever is not accepted has one answer', () => {
  const to = (source: string) => url.replace('source=main', `source=${source}`);

  const refused: [string, () => Promise<Answer>][] = [
    ['an unknown source', () => post(seal(joined(), keys), to('other'))],
    ['no source', () => post(seal(joined(), keys), url.split('?')[0])],
    ['two sources', () => post(seal(joined(), keys), `${url}&source=main`)],
    ['a source in another notation', () => post(seal(joined(), keys), `${url.split('?')[0]}?source[a]=main`)],
    ['a wrong signature', () => post(seal(joined(), { ...keys, token: 'another' }))],
    ['a wrong key', () => post(seal(joined(), { ...keys, aesKey: OTHER_AESKEY }))],
    ['a wrong owner', () => post(seal(joined(), { ...keys, owner: 'dingotherapp' }))],
    ['another organization', () => post(seal(joined({ CorpId: 'dingother' }), keys))],
    ['one that is too old', () => post(seal(joined(), keys, Date.now() - 61 * MINUTE))],
    ['one of the future', () => post(seal(joined(), keys, Date.now() + 61 * MINUTE))],
    ['no event', () => post(seal([1, 2], keys))],
    ['no query', () => post({ body: seal(joined(), keys).body })],
    ['no body', () => post({ query: seal(joined(), keys).query })],
    ['half a body', () => post({ query: seal(joined(), keys).query }, url, { body: '{"encrypt":"abc' })],
    ['a body that is null', () => post({ query: seal(joined(), keys).query }, url, { body: 'null' })],
    ['GET', () => post({ query: seal(joined(), keys).query }, url, { method: 'GET', body: undefined })],
    ['an encoded path', () => post({}, url.replace('dingtalk:event', 'dingtalk:%65vent'))],
    ['10 MB that are announced', () => begin({ 'content-length': 10 * 1024 * 1024 })],
    ['a body without length that does not end', () => begin({ 'transfer-encoding': 'chunked' }, 'x'.repeat(70_000))],
  ];

  let expected: Answer;

  beforeAll(async () => {
    expected = await post({ body: { encrypt: 'x' } });
  });

  it.each(refused)('%s', async (_, send) => {
    expect(await send()).toEqual(expected);
    expect(expected.text).toContain('EVENT_REFUSED');
    expect(await waiting()).toEqual([]);
  });

  it('10 MB are refused before they are read', async () => {
    const began = Date.now();
    await begin({ 'content-length': 10 * 1024 * 1024 });
    expect(Date.now() - began).toBeLessThan(2000);
  });

  it('T87: in a clone that must be silent', async () => {
    process.env.DINGTALK_DIRECTORY = 'off';
    await renew();
    expect(await post(seal(joined(), keys))).toEqual(expected);
    delete process.env.DINGTALK_DIRECTORY;
    await renew();
    expect(await post(seal(joined(), keys))).toMatchObject({ status: 200 });
  });

  it.each([
    ['that hears by Stream', () => scene.choose({ events: 'stream' }), () => scene.choose({ events: 'http' })],
    ['that has another name', () => save({ name: 'renamed' }), () => save({ name: 'main' })],
    ['that is disabled', () => save({ enabled: false }), () => save({ enabled: true })],
    ['whose authenticator is disabled', () => enableAuthenticator(false), () => enableAuthenticator(true)],
  ])('a source %s', async (_, change, undo) => {
    await change();
    await until('it is refused', async () => (await post(seal(joined(), keys))).status === 403, { everyMs: 50 });
    expect(await post(seal(joined(), keys))).toEqual(expected);
    await undo();
    await until('it is accepted again', async () => (await post(seal(joined(), keys))).status === 200, { everyMs: 50 });
  });

  const save = (values: object) => scene.sources.send(`userDataSyncSources:update?filterByTk=${scene.source}`, values);

  async function enableAuthenticator(enabled: boolean): Promise<void> {
    const row = await scene.nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });
    await row?.update({ enabled });
  }

  it('and causes no reading of the database that NocoBase itself does not do', async () => {
    const { options } = scene.nocobase.db.sequelize as unknown as { options: { logging: unknown } };
    let statements: string[] = [];
    options.logging = (sql: string) => /dingtalk|userDataSync|authenticators/i.test(sql) && statements.push(sql);
    // What the tests before sent may still be read: that rests after a while, and these would cause a reading each time.
    await until(
      'they cause none',
      async () => {
        statements = [];
        for (const send of [refused[0][1], refused[4][1], refused[8][1]]) {
          await send();
        }
        return statements.length === 0;
      },
      { seconds: 20 },
    );
    options.logging = false;
  });
});

describe('the keys', () => {
  it('are letters and digits of the length that DingTalk asks for, and the address is the one to enter there', async () => {
    const made = await renew();
    expect(made.token).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(made.aesKey).toMatch(/^[A-Za-z0-9]{43}$/);
    expect(made.url).toBe(`${scene.nocobase.url}/api/dingtalk:event?source=main`);
  });

  it('end those before at once', async () => {
    const before = keys;
    await renew();
    expect(await post(seal(joined(), before))).toMatchObject({ status: 403 });
    expect(await post(seal(joined(), keys))).toMatchObject({ status: 200 });
  });

  it('T88: are in no table, no list, no answer and no log', async () => {
    const { token, aesKey } = await renew();
    await post(seal(joined(), keys));
    const answers = [
      await scene.root.call('getEventState', { source: scene.source }),
      await scene.sources.send('userDataSyncSources:list'),
      await scene.sources.send(`${EVENT_SOURCES}:list`),
    ];
    const found = [await scene.nocobase.everything(), JSON.stringify(answers), await scene.nocobase.logs.text()];
    for (const secret of [token, aesKey]) {
      expect(found.map((text) => text.includes(secret))).toEqual([false, false, false]);
    }
  });

  it('T88: an audit is told who made them, not which', async () => {
    const told: string[] = [];
    scene.nocobase.app.auditManager.setLogger({ log: async (line: unknown) => void told.push(JSON.stringify(line)) });
    const { token, aesKey } = await renew();
    await until('it is told', async () => told.length > 0, { everyMs: 20 });
    expect(told.join()).toContain('renewCallback');
    expect([token, aesKey].filter((secret) => told.join().includes(secret))).toEqual([]);
  });

  it('are made by those alone who may manage sources', async () => {
    const user = await scene.nocobase.addUser({ username: 'nobody', password: 'of-nobody' });
    const session = await Session.of(scene.nocobase, user);
    for (const action of ['renewCallback', 'getEventState']) {
      expect(await session.call(action, { source: scene.source })).toMatchObject({ status: 403 });
    }
  });

  it('of a source that is gone are gone with it, and so is what waits', async () => {
    const id = await scene.sources
      .add('second', { authenticator: 'dingtalk', schedule: null, events: 'http' })
      .catch(() => '');
    // The app has a source already.
    expect(id).toBe('');
    const { data } = await scene.sources.save(
      'second',
      { authenticator: 'dingtalk', events: 'http' },
      { enabled: false },
    );
    const source = String(data?.id);
    await scene.root.call('renewCallback', { source });
    await events().create({
      sourceId: source,
      kind: 'member',
      dingtalkId: 'anna',
      eventKey: 'key',
      revision: 'revision',
      receivedAt: 1,
      dueAt: Date.now() + 60 * MINUTE,
    });
    await scene.sources.send(`userDataSyncSources:destroy?filterByTk=${source}`);
    expect(await scene.nocobase.db.getModel(EVENT_SOURCES).count({ where: { sourceId: source } })).toBe(0);
    expect(await events().count({ where: { sourceId: source } })).toBe(0);
  });
});

it('T84: a callback is in no log, and strangers have one line in a minute', async () => {
  const event = joined();
  const sealed = seal(event, keys);
  await post(sealed);
  for (let stranger = 0; stranger < 50; stranger++) {
    await post(seal(joined(), { ...keys, token: 'another' }));
  }
  const text = await scene.nocobase.logs.text();
  expect([text.includes(sealed.body.encrypt), text.includes(event.userId[0])]).toEqual([false, false]);
  const lines = text.split('\n').filter((line) => line.includes('EVENT_REFUSED') && line.includes('DingTalk events'));
  // The tests here take less than two minutes.
  expect(lines.length).toBeLessThan(4);
});

it('CONTROL: of an unprotected one NocoBase logs all', async () => {
  const sealed = seal(joined(), keys);
  await post(sealed, `${scene.nocobase.url}/api/naive:event?source=main`);
  expect(await scene.nocobase.logs.text()).toContain(sealed.body.encrypt);
});
