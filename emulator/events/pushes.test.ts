import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FaultRule } from '../index';
import { CLIENT, CORP, DAY, Harness, oapiError, SECOND, withDepartments } from '../harness';
import { StreamClient } from '../stream-harness';
import { decrypt, encrypt, sign } from './crypto';

interface Push {
  query: URLSearchParams;
  text: string;
}

const TOKEN = 'token123';
const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

const readText = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
};

/** What an application answers that does everything right. */
function rightAnswer(values: { message?: string; aesKey?: string; token?: string; owner?: string } = {}): object {
  const { message = 'success', aesKey = AES_KEY, token = TOKEN, owner = CLIENT.clientId } = values;
  const [timeStamp, nonce, text] = ['1', 'nonce', encrypt(message, aesKey, owner)];
  return { msg_signature: sign(token, timeStamp, nonce, text), timeStamp, nonce, encrypt: text };
}

let harness: Harness;
let server: Server;
let url: string;
const pushes: Push[] = [];
let respond: (response: ServerResponse) => void;
const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

beforeAll(async () => {
  server = createServer((request, response) => {
    void readText(request).then((text) => {
      pushes.push({ query: new URL(request.url ?? '', 'http://x').searchParams, text });
      respond(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/dingtalk:event?source=a%20b`;
  harness = await Harness.start({ data: withDepartments });
});
beforeEach(() => {
  respond = (response) => json(rightAnswer())(response);
  set({ pushRepeatsMs: [0, 0], pushAnswerMs: 2000 });
});
afterEach(() => {
  harness.emulator.reset();
  pushes.length = 0;
});
afterAll(async () => {
  await harness.emulator.close();
  server.close();
  server.closeAllConnections();
});

const set = (settings: Partial<Harness['emulator']['data']['settings']>) =>
  Object.assign(harness.emulator.data.settings, settings);
const strike = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
  harness.emulator.data.faults.push({ endpoint: 'push', fault, times: 1, ...more });
const save = (more: Partial<Parameters<Harness['emulator']['saveCallback']>[1]> = {}) =>
  harness.emulator.saveCallback(CLIENT.clientId, { url, token: TOKEN, aesKey: AES_KEY, ...more });
const leave = async () => {
  harness.emulator.leave('ben');
  await harness.emulator.eventsSettled();
};
const attempts = () => harness.emulator.events.flatMap(({ receivers }) => receivers.flatMap((each) => each.attempts));
const outcomes = () => harness.emulator.events.flatMap(({ receivers }) => receivers.map(({ outcome }) => outcome));

/** Verifies and decrypts a push, as an application does. */
function read({ query, text }: Push): Record<string, unknown> {
  const { encrypt: encrypted } = JSON.parse(text) as { encrypt: string };
  const [timestamp, nonce] = ['timestamp', 'nonce'].map((name) => String(query.get(name)));
  const signature = sign(TOKEN, timestamp, nonce, encrypted);
  expect([query.get('msg_signature'), query.get('signature')]).toEqual([signature, signature]);
  const { message, owner } = decrypt(encrypted, AES_KEY);
  expect(owner).toBe(CLIENT.clientId);
  return JSON.parse(message) as Record<string, unknown>;
}

describe('the console', () => {
  it('asks the address before it saves it', async () => {
    await save();
    expect(pushes.map(read)).toEqual([{ EventType: 'check_url' }]);
    expect(pushes[0].query.get('source')).toBe('a b');
    expect(harness.app.callback).toEqual({ url, token: TOKEN, aesKey: AES_KEY });
    expect(harness.emulator.events).toEqual([]);
  });

  it.each([
    ['another status', json(rightAnswer(), 500), 'status 500'],
    ['no JSON', (response: ServerResponse) => void response.end('success'), 'no JSON'],
    ['`success` in the clear', json('success'), 'fields are missing'],
    ['what NocoBase wraps', json({ data: rightAnswer() }), 'fields are missing'],
    ['another token', json(rightAnswer({ token: 'other' })), 'wrong signature'],
    ['another owner', json(rightAnswer({ owner: CORP })), 'wrong owner'],
    ['another word', json(rightAnswer({ message: 'SUCCESS' })), 'no success'],
    ['no answer', () => undefined, 'none'],
    ['a connection that breaks', (response: ServerResponse) => void response.destroy(), 'no connection'],
  ])('refuses %s, with the reason', async (_what, wrong, reason) => {
    set({ pushCheckMs: reason === 'none' ? 30 : 1500 });
    respond = wrong;
    const saving = save();
    await expect(saving).rejects.toMatchObject({ message: 'HTTP请求结果校验返回字段值失败', cause: reason });
    expect(harness.app.callback).toBeUndefined();
  });

  it('waits 1.5 s for the check and 2.5 s for an event, and repeats after 10 s and 30 s', () => {
    harness.emulator.reset();
    expect(harness.emulator.data.settings).toMatchObject({
      pushCheckMs: 1500,
      pushAnswerMs: 2500,
      pushRepeatsMs: [10_000, 30_000],
    });
  });

  it('refuses what it knows to be wrong, and unknown apps', async () => {
    await expect(save({ token: 'a-b' })).rejects.toThrow('must be 3 to 32 letters and digits');
    await expect(save({ aesKey: 'short' })).rejects.toThrow('must be 43 letters and digits');
    await expect(save({ url: 'x' })).rejects.toThrow('URL');
    const unknown = harness.emulator.saveCallback('unknown', { url, token: TOKEN, aesKey: AES_KEY });
    await expect(unknown).rejects.toThrow('No app has the clientId "unknown"');
    expect(pushes).toEqual([]);
  });

  it('an app gets its events by HTTP or by Stream, not by both', async () => {
    const client = await StreamClient.open(harness);
    await save();
    await leave();
    expect([client.events.length, pushes.length]).toEqual([0, 2]);
    harness.emulator.removeCallback(CLIENT.clientId);
    harness.emulator.leave('ada');
    await harness.emulator.eventsSettled();
    expect([client.events.length, pushes.length]).toEqual([1, 2]);
    client.socket.terminate();
    await client.closed;
  });
});

describe('an event', () => {
  beforeEach(async () => {
    await save();
    pushes.length = 0;
  });

  it('is posted, encrypted and signed', async () => {
    await leave();
    const [{ id, bornAt }] = harness.emulator.events;
    expect(pushes.map(read)).toEqual([
      {
        EventType: 'user_leave_org',
        EventTime: bornAt,
        CorpId: CORP,
        BizId: id,
        eventId: id,
        timeStamp: String(bornAt),
        userId: ['ben-a'],
      },
    ]);
    expect(pushes[0].query.get('timestamp')).toBe(String(Date.UTC(2026, 0, 1) / SECOND));
    expect(harness.emulator.events[0].receivers).toMatchObject([
      { channel: 'push', outcome: 'accepted', attempts: [{ answer: 'success' }] },
    ]);
  });

  it('tells the time in milliseconds, or by a wrong clock, where that is set', async () => {
    set({ pushTimestamp: 'milliseconds', eventClockMs: 600 * SECOND });
    await leave();
    const time = Date.UTC(2026, 0, 1) + 600 * SECOND;
    expect(pushes[0].query.get('timestamp')).toBe(String(time));
    expect(read(pushes[0])).toMatchObject({ EventTime: time });
  });

  it('is repeated after the times of the setting, then listed, until it is read', async () => {
    set({ pushRepeatsMs: [60_000, 60_000] });
    respond = json({ errors: [] }, 500);
    harness.emulator.leave('ben');
    await harness.emulator.until(() => attempts().length === 1 && attempts()[0].answer);
    harness.emulator.hurry();
    await harness.emulator.until(() => attempts().length === 2 && attempts()[1].answer);
    harness.emulator.hurry();
    await harness.emulator.eventsSettled();
    expect(attempts().map(({ answer }) => answer)).toEqual(['status 500', 'status 500', 'status 500']);
    expect(new Set(pushes.map((each) => read(each).eventId)).size).toBe(1);
    expect(outcomes()).toEqual(['listed']);
    const failed = [
      {
        user_leave_org: { userid: ['ben-a'], corpid: CORP },
        call_back_tag: 'user_leave_org',
        event_time: Date.UTC(2026, 0, 1),
      },
    ];
    expect(await failedList()).toEqual({ errcode: 0, errmsg: 'ok', has_more: false, failed_list: failed });
    expect(await failedList()).toMatchObject({ failed_list: [] });
  });

  it('is accepted by a repetition', async () => {
    respond = (response) => json(rightAnswer(), pushes.length === 1 ? 500 : 200)(response);
    await leave();
    expect([outcomes(), attempts().map(({ answer }) => answer)]).toEqual([['accepted'], ['status 500', 'success']]);
    expect(await failedList()).toMatchObject({ failed_list: [] });
  });

  it('is lost where the address was taken away meanwhile', async () => {
    set({ pushRepeatsMs: [60_000] });
    respond = json({}, 500);
    harness.emulator.leave('ben');
    await harness.emulator.until(() => attempts()[0]?.answer);
    harness.emulator.removeCallback(CLIENT.clientId);
    harness.emulator.hurry();
    await harness.emulator.eventsSettled();
    expect([outcomes(), pushes.length]).toEqual([['lost'], 1]);
  });

  it('goes out with no more than so many others at once', async () => {
    set({ pushesAtOnce: 2 });
    const held: ServerResponse[] = [];
    respond = (response) => void held.push(response);
    for (let index = 0; index < 5; index++) {
      harness.emulator.addMember();
    }
    while (pushes.length < 2) {
      await new Promise(setImmediate);
    }
    await harness.ask('/gettoken');
    expect(pushes).toHaveLength(2);
    respond = json(rightAnswer());
    held.forEach((response) => json(rightAnswer())(response));
    await harness.emulator.eventsSettled();
    expect(pushes).toHaveLength(5);
  });
});

const failedList = async () =>
  (await harness.ask(`/call_back/get_call_back_failed_result?access_token=${await harness.appToken()}`)).body;

describe('the list of what failed', () => {
  beforeEach(async () => {
    await save();
    respond = json({}, 500);
    set({ pushRepeatsMs: [] });
  });

  it('has 200 at a time, and says whether there are more', async () => {
    for (let index = 0; index < 201; index++) {
      harness.emulator.addMember();
    }
    await harness.emulator.eventsSettled();
    const pages = [await failedList(), await failedList()];
    expect(pages.map(({ has_more, failed_list }) => [has_more, (failed_list as unknown[]).length])).toEqual([
      [true, 200],
      [false, 1],
    ]);
  });

  it('forgets after a while, and has departments too', async () => {
    await leave();
    harness.pass(harness.emulator.data.settings.failedListedMs);
    harness.emulator.addDepartment({ name: 'New' });
    await harness.emulator.eventsSettled();
    expect((await failedList()).failed_list).toMatchObject([{ org_dept_create: { deptid: [21], corpid: CORP } }]);
  });

  it('refuses without a token, plainly', async () => {
    expect(await harness.ask('/call_back/get_call_back_failed_result')).toEqual(
      oapiError(40000, 'access_token is blank'),
    );
  });
});

describe('faults', () => {
  beforeEach(async () => {
    await save();
    pushes.length = 0;
  });

  it('pushWrongKey: signed rightly, and encrypted with another key', async () => {
    strike('pushWrongKey');
    await leave();
    const { query, text } = pushes[0];
    const { encrypt: encrypted } = JSON.parse(text) as { encrypt: string };
    const [signature, timestamp, nonce] = ['signature', 'timestamp', 'nonce'].map((name) => String(query.get(name)));
    expect(signature).toBe(sign(TOKEN, timestamp, nonce, encrypted));
    expect(() => read(pushes[0])).toThrow();
  });

  it('pushWrongSignature: encrypted rightly, and not signed with the token', async () => {
    strike('pushWrongSignature');
    await leave();
    expect(() => read(pushes[0])).toThrow('expect');
  });

  it('pushOldTimestamp: of a day ago, signed', async () => {
    strike('pushOldTimestamp');
    await leave();
    expect(read(pushes[0])).toMatchObject({ EventType: 'user_leave_org' });
    expect(pushes[0].query.get('timestamp')).toBe(String((harness.emulator.events[0].bornAt - DAY) / SECOND));
  });

  it('pushTruncated and pushHuge: half of the body, and 10 MB of it', async () => {
    strike('pushTruncated');
    strike('pushHuge');
    harness.emulator.addMember();
    await harness.emulator.eventsSettled();
    harness.emulator.addMember();
    await harness.emulator.eventsSettled();
    expect(() => JSON.parse(pushes[0].text) as unknown).toThrow(SyntaxError);
    expect(pushes[1].text.length).toBeGreaterThan(10 * 1024 * 1024);
  });

  it('eventTwice, eventLost, eventForeignCorp and eventForeignType, as by Stream', async () => {
    for (const fault of ['eventTwice', 'eventLost', 'eventForeignCorp', 'eventForeignType'] as const) {
      strike(fault);
      harness.emulator.addMember();
      await harness.emulator.eventsSettled();
    }
    expect(outcomes()).toEqual(['accepted', 'lost', 'accepted', 'accepted']);
    expect(pushes.map(read).map(({ EventType, CorpId }) => [EventType, CorpId])).toEqual([
      ['user_add_org', CORP],
      ['user_add_org', CORP],
      ['user_add_org', `ding${'f'.repeat(32)}`],
      ['bpms_instance_change', CORP],
    ]);
  });
});

it('close does not wait for answers', async () => {
  const other = await Harness.start();
  await other.emulator.saveCallback(CLIENT.clientId, { url, token: TOKEN, aesKey: AES_KEY });
  const arrived = new Promise<void>((resolve) => (respond = () => resolve()));
  other.emulator.addMember();
  await arrived;
  await other.emulator.close();
});
