import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Emulator, startEmulator } from '../../../emulator';
import { measured, MiB } from '../../../testing/memory';
import { withStub } from '../../../testing/nocobase/stub';
import { type DingTalkApp, getAppToken } from './api';

/** What answers of 300 MiB take of the process's memory; `faults.test.ts` shows that they are refused. */
let dingtalk: Emulator;
let app: DingTalkApp;

beforeAll(async () => {
  dingtalk = await startEmulator();
  process.env.DINGTALK_API_URL = dingtalk.url;
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
  const { clientId, clientSecret } = dingtalk.data.apps[0];
  app = { clientId, clientSecret };
  // Code is compiled and buffers are allocated before anything is measured.
  for (let i = 0; i < 20; i++) {
    dingtalk.data.faults = i % 2 ? [{ endpoint: 'accessToken', fault: 'hugeBody' }] : [];
    await request().catch(() => undefined);
  }
});

afterAll(() => dingtalk.close());

const request = () => getAppToken(app, AbortSignal.timeout(5000));

/** By how much the process grows during a request that is refused for its length. */
async function growthOfRefusal() {
  const { result, grownBy } = await measured(() => request().catch((error: unknown) => error));
  expect(result).toMatchObject({ reason: 'maxContentLength size of 65536 exceeded' });
  return grownBy;
}

const script = `
  const before = process.memoryUsage.rss();
  fetch(process.argv[1], { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    .then((answer) => answer.text())
    .then(() => console.log(process.memoryUsage.rss() - before));`;

describe.each(['hugeBody', 'hugeBodyDeclared'] as const)('%s', (fault) => {
  beforeEach(() => {
    dingtalk.data.faults = [{ endpoint: 'accessToken', fault }];
  });

  it(`T20: ${fault} fills the memory of a plain fetch`, async () => {
    const url = `${dingtalk.url}/v1.0/oauth2/accessToken`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, url]);
    expect(Number(stdout)).toBeGreaterThan(250 * MiB);
  }, 60_000);

  it(`T20: ${fault} takes less than 5 MiB of ours`, async () => {
    expect(await growthOfRefusal()).toBeLessThan(5 * MiB);
  });
});

it('T20: 300 MiB that were compressed to 300 kB take less than 5 MiB', async () => {
  const bomb = gzipSync(Buffer.alloc(300 * MiB, ' '));
  await withStub(
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    async () => expect(await growthOfRefusal()).toBeLessThan(5 * MiB),
  );
}, 60_000);
