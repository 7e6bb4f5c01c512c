import { setTimeout as pause } from 'node:timers/promises';
import { Scene } from '../../../testing/directory/scene';

// What is left of the events of an application that stops: one that sleeps, as NocoBase lets a sub-application, or that NocoBase
// restarts, as it does where a plugin is disabled.

let scene: Scene;
/** Every timer that the plugin has set since this process has loaded it, with the line that has set it. */
const timers = new Map<NodeJS.Timeout, string>();

beforeAll(async () => {
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const real = global[name] as (...given: unknown[]) => NodeJS.Timeout;
    jest.spyOn(global, name).mockImplementation(((...given: unknown[]) => {
      const timer = real(...given);
      const [line] = /src\/server\/(?!events\/stops).*/.exec(new Error().stack ?? '') ?? [];
      if (line) {
        timers.set(timer, line);
      }
      return timer;
    }) as never);
  }
  scene = await Scene.start({ company: { people: 2, departments: 1 }, options: { events: 'stream' } });
  await scene.run();
  await connected();
}, 120_000);

afterAll(async () => {
  jest.restoreAllMocks();
  await scene?.stop();
});

const open = () => scene.dingtalk.stream.connections;
const connected = () => scene.dingtalk.until(() => open().some(({ state }) => state === 'open'));
/** The emulator hears a moment later that a connection has ended. */
const disconnected = () => scene.dingtalk.until(() => !open().length);
/** NocoBase's own timers, and those of its other plugins, are no concern of this one. */
const running = () =>
  [...timers].filter(([timer]) => !(timer as unknown as { _destroyed: boolean })._destroyed).map(([, line]) => line);
const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap|TLSWrap/.test(name)).length;

it('control: without what ends them at a stop, connection and timers stay', async () => {
  const { app } = scene.nocobase;
  const handlers = app.listeners('beforeStop') as (() => Promise<void>)[];
  app.removeAllListeners('beforeStop');
  await app.emitAsync('beforeStop');
  await pause(500);
  expect(open()).toHaveLength(1);
  expect(running().length).toBeGreaterThan(0);
  handlers.forEach((handler) => app.on('beforeStop', handler));
  await app.emitAsync('beforeStop');
  await disconnected();
  await app.emitAsync('afterStart', app, {});
  await connected();
});

it('no connection, timer or socket is left of an application that sleeps', async () => {
  const { app } = scene.nocobase;
  expect(running().length).toBeGreaterThan(0);
  const before = sockets();
  await app.stop();
  expect(running()).toEqual([]);
  await disconnected();
  expect(sockets()).toBeLessThan(before);
  // Nothing comes back by itself: NocoBase wakes it up as another one.
  await pause(2000);
  expect(open()).toEqual([]);
});
