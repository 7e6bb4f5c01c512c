/** What the plugin adds to the start of a real NocoBase, whose plugin manager has enabled the packed archive. */
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { requester } from '../dev/api';
import { serverEnvironment } from '../dev/environment';
import { startNocoBase } from '../dev/nocobase';
import { packPlugin } from '../dev/pack';
import { STATE } from '../dev/paths';
import { freePort } from '../dev/ports';
import { startServer } from '../dev/server-process';
import { median } from './statistics';

const LOOKS_EVERY_MS = 20;
const SECONDS_TO_START = 180;

/** From the start of the process to its first healthy answer. */
export interface Boot {
  plugin: boolean;
  /** Milliseconds, of every start. */
  times: number[];
  /** Milliseconds: the median. */
  ms: number;
  /** MiB after a garbage collection: the medians. */
  heap: number;
  rss: number;
}

/** With the plugin and without it, by turns. */
export async function measureStartUp(rounds: number, progress: (text: string) => void): Promise<Boot[]> {
  const homes = [false, true].map((plugin) => ({
    plugin,
    dir: path.join(STATE, `bench-${plugin ? 'with' : 'without'}`),
  }));
  const archive = await packPlugin(progress);
  for (const { plugin, dir } of homes) {
    fs.rmSync(dir, { recursive: true, force: true });
    const nocobase = await startNocoBase({ dir, plugin: plugin ? archive : undefined });
    await nocobase.stop();
  }
  const starts = homes.map(() => [] as Start[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { dir, plugin }] of homes.entries()) {
      const start = await boot(dir);
      starts[index].push(start);
      progress(`NocoBase ${plugin ? 'with' : 'without'} the plugin: started in ${Math.round(start.ms)} ms`);
    }
  }
  return homes.map(({ plugin }, index) => ({
    plugin,
    times: starts[index].map(({ ms }) => ms),
    ms: median(starts[index].map(({ ms }) => ms)),
    heap: median(starts[index].map(({ heap }) => heap)),
    rss: median(starts[index].map(({ rss }) => rss)),
  }));
}

interface Start {
  ms: number;
  heap: number;
  rss: number;
}

async function boot(dir: string): Promise<Start> {
  const port = await freePort();
  const memoryFile = path.join(dir, 'memory.json');
  fs.rmSync(memoryFile, { force: true });
  const env = serverEnvironment(dir, port, {
    NODE_OPTIONS: `--require ${JSON.stringify(path.join(__dirname, 'report-memory.js'))}`,
    BENCH_MEMORY_FILE: memoryFile,
  });
  const request = requester(`http://127.0.0.1:${port}${env.API_BASE_PATH.replace(/\/$/, '')}`);
  const began = performance.now();
  const server = startServer(dir, env, ['start'], path.join(dir, 'nocobase.log'));
  try {
    await until(async () => (await request('__health_check')).status === 200);
    const ms = performance.now() - began;
    process.kill(server.pid, 'SIGUSR2');
    await until(async () => fs.existsSync(memoryFile));
    return { ms, ...JSON.parse(fs.readFileSync(memoryFile, 'utf8')) };
  } finally {
    await server.stop();
  }
}

async function until(isSo: () => Promise<boolean>) {
  const deadline = performance.now() + SECONDS_TO_START * 1000;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) {
      throw new Error(`NocoBase did not start within ${SECONDS_TO_START} s`);
    }
    await sleep(LOOKS_EVERY_MS);
  }
}
