import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import { Scene } from '../../../testing/directory/scene';
import { IN_APP_PLUGINS, InApp } from '../../../testing/nocobase/in-app';
import { CLIENT_SECRET } from '../../../testing/nocobase/nocobase';
import type { EventState } from '../../shared/events';
import { EVENT_SOURCES } from './collections';
import { noteDowns } from './downs';
import type { Listener } from './listeners';

const HOUR = 60 * 60_000;

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start({
    plugins: ['environment-variables', ...IN_APP_PLUGINS],
    company: { people: 2, departments: 1 },
    options: { events: 'stream' },
  });
  await connected();
}, 120_000);

afterAll(() => scene?.stop());

afterEach(() => {
  delete process.env.DINGTALK_DIRECTORY;
  delete process.env.WORKER_MODE;
});

const connections = () => scene.dingtalk.stream.connections.filter(({ state }) => state === 'open');
const connected = () => scene.dingtalk.until(() => connections().length === 1);
const disconnected = () => scene.dingtalk.until(() => connections().length === 0);
const eventState = async () => (await scene.root.call<EventState>('getEventState', { source: scene.source })).data;

const save = (values: object) => scene.sources.send(`userDataSyncSources:update?filterByTk=${scene.source}`, values);

async function changeAuthenticator(values: object, dingtalk: object = {}): Promise<void> {
  const row: Model | null = await scene.nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });
  const options = row?.get('options');
  await row?.update({ ...values, options: { ...options, dingtalk: { ...options.dingtalk, ...dingtalk } } });
}

it('shows the connection, and what came by it', async () => {
  expect(await eventState()).toEqual({
    mode: 'stream',
    isOff: false,
    connection: { state: 'open', since: expect.any(Number) },
    waiting: 0,
  });
  scene.dingtalk.sendEvent({ type: 'chat_disband', data: { chatId: 'x' } });
  scene.dingtalk.sendEvent({
    type: 'user_add_org',
    corpId: 'dingother',
    data: { userId: ['x'] },
    clientId: scene.dingtalk.data.apps[0].clientId,
  });
  await scene.dingtalk.eventsSettled();
  await until('both are counted', async () => (await eventState())?.foreign?.count === 2, { everyMs: 50 });
  expect((await eventState())?.foreign?.types).toEqual(['chat_disband', 'user_add_org']);
  // Another system that shares the app would otherwise get them again and again.
  expect(scene.dingtalk.events.flatMap(({ receivers }) => receivers.map(({ outcome }) => outcome))).toEqual([
    'accepted',
    'accepted',
  ]);
  expect((await eventState())?.waiting).toBe(0);
});

it('has one line in the log for a connection, and none for a ping or an event', async () => {
  await scene.nocobase.logs.outcomes(0, 'DingTalk events');
  for (let count = 0; count < 5; count++) {
    scene.dingtalk.stream.ping();
    scene.dingtalk.sendEvent({ type: 'chat_disband', data: {} });
  }
  await scene.dingtalk.eventsSettled();
  scene.dingtalk.stream.disconnect();
  await scene.dingtalk.until(() => connections().length === 1);
  expect(await scene.nocobase.logs.outcomes(0, 'DingTalk events')).toEqual([]);
  scene.dingtalk.stream.drop();
  await connected();
  const lines = await scene.nocobase.logs.outcomes(2, 'DingTalk events');
  expect(lines.map(({ outcome }) => outcome)).toEqual(['STREAM_WAITING', 'STREAM_OPEN']);
});

describe('the connection ends with', () => {
  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['the source that is disabled', () => save({ enabled: false }), () => save({ enabled: true })],
    ['events that are switched off', () => scene.choose({ events: 'off' }), () => scene.choose({ events: 'stream' })],
    ['events that come by HTTP', () => scene.choose({ events: 'http' }), () => scene.choose({ events: 'stream' })],
    [
      'the authenticator that is disabled',
      () => changeAuthenticator({ enabled: false }),
      () => changeAuthenticator({ enabled: true }),
    ],
    [
      'T87: this NocoBase as a clone',
      async () => {
        process.env.DINGTALK_DIRECTORY = 'off';
        await save({ displayName: 'A' });
      },
      async () => {
        delete process.env.DINGTALK_DIRECTORY;
        await save({ displayName: 'B' });
      },
    ],
    [
      'requests that this process does not serve',
      async () => {
        process.env.WORKER_MODE = 'some-queue';
        await save({ displayName: 'A' });
      },
      async () => {
        delete process.env.WORKER_MODE;
        await save({ displayName: 'B' });
      },
    ],
  ])('%s, and is there again afterwards', async (_, end, begin) => {
    await end();
    await disconnected();
    await begin();
    await connected();
  });
});

describe('another connection is opened', () => {
  const idOf = () => connections()[0]?.id;

  async function another(change: () => Promise<unknown>): Promise<void> {
    const before = idOf();
    await change();
    await scene.dingtalk.until(() => connections().length === 1 && idOf() !== before);
  }

  it('with another secret', async () => {
    const [app] = scene.dingtalk.data.apps;
    app.clientSecret = 'another-secret';
    await another(() => changeAuthenticator({}, { clientSecret: 'another-secret' }));
    app.clientSecret = CLIENT_SECRET;
    await another(() => changeAuthenticator({}, { clientSecret: CLIENT_SECRET }));
  });

  it('with another value of a variable', async () => {
    const variables = scene.nocobase.db.getRepository('environmentVariables');
    await variables.create({ values: { name: 'DINGTALK_SECRET', type: 'default', value: CLIENT_SECRET } });
    await changeAuthenticator({}, { clientSecret: '{{ $env.DINGTALK_SECRET }}' });
    const [app] = scene.dingtalk.data.apps;
    app.clientSecret = 'of-a-variable';
    await another(() => variables.update({ filter: { name: 'DINGTALK_SECRET' }, values: { value: 'of-a-variable' } }));
    app.clientSecret = CLIENT_SECRET;
    await another(() => changeAuthenticator({}, { clientSecret: CLIENT_SECRET }));
  });
});

it('says why there is none', async () => {
  await changeAuthenticator({ enabled: false });
  await until('it is said', async () => (await eventState())?.connection?.state === 'refused', {
    everyMs: 50,
    seconds: 15,
  });
  expect((await eventState())?.connection?.message).toContain('The authenticator of this source');
  await changeAuthenticator({ enabled: true });
  await connected();
  scene.dingtalk.data.apps[0].clientSecret = 'another-secret';
  scene.dingtalk.stream.drop();
  await until('it is refused', async () => (await eventState())?.connection?.state === 'refused', {
    everyMs: 50,
    seconds: 15,
  });
  expect((await eventState())?.connection).toMatchObject({
    until: expect.any(Number),
    message: expect.stringContaining('Client Secret'),
  });
  await changeAuthenticator({}, { clientSecret: 'another-secret' });
  await connected();
});

it('a source that is deleted leaves no connection', async () => {
  await scene.sources.send(`userDataSyncSources:destroy?filterByTk=${scene.source}`);
  await disconnected();
});

describe('administrators', () => {
  const listener = (): Listener => ({ sourceId: scene.source, name: 'main', title: 'Main', mode: 'stream' });
  const note = (state: 'open' | 'waiting' | 'connecting', hours: number) =>
    noteDowns(scene.nocobase.app, [listener()], () => ({ state, code: 'DINGTALK_UNAVAILABLE' }), hours * HOUR);
  const DOWN = 'Events of DingTalk do not arrive';
  const WELL = 'Events of DingTalk arrive again';

  let inApp: InApp;

  beforeAll(async () => {
    inApp = await InApp.setUp(scene.nocobase);
    // What the application itself sees of its connections would be noted in between.
    await scene.nocobase.app.emitAsync('beforeStop');
  });

  beforeEach(async () => {
    await inApp.clear();
    await scene.nocobase.db.getModel(EVENT_SOURCES).update({ downSince: null, isDownTold: null }, { where: {} });
  });

  it('are told once of a connection that is down for an hour, and once when it is there again', async () => {
    await note('waiting', 1);
    await note('connecting', 1.5);
    expect(await inApp.titles()).toEqual([]);
    await note('waiting', 2);
    await Promise.all([note('waiting', 3), note('waiting', 3)]);
    expect(await inApp.titles()).toEqual([DOWN]);
    await note('open', 4);
    await note('open', 5);
    expect(await inApp.titles()).toEqual([DOWN, WELL]);
  });

  it('are told of nothing that was down for less, on no node', async () => {
    await note('waiting', 1);
    await note('open', 1.5);
    await note('waiting', 2);
    await note('waiting', 2.9);
    expect(await inApp.titles()).toEqual([]);
  });

  it('are not told that a source is well which does not listen any more', async () => {
    await note('waiting', 1);
    await note('waiting', 2);
    await noteDowns(scene.nocobase.app, [], () => undefined, 3 * HOUR);
    await note('open', 4);
    expect(await inApp.titles()).toEqual([DOWN]);
  });
});
