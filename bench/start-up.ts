/** What the plugin adds to the start of a real NocoBase, whose plugin manager has enabled the packed archive. */
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import { requester } from '../dev/api';
import { serverEnvironment } from '../dev/environment';
import { startNocoBaseProcess } from '../dev/nocobase-process';
import { packPlugin } from '../dev/pack';
import { STATE } from '../dev/paths';
import { freePort } from '../dev/ports';
import { startServer } from '../dev/server-process';
import { until } from '../dev/until';

/** What is measured must not wait for the next look. */
const patience = { everyMs: 20 };

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
    const nocobase = await startNocoBaseProcess({ dir, plugin: plugin ? archive : undefined });
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
    await until('NocoBase answers', async () => (await request('__health_check')).status === 200, patience);
    const ms = performance.now() - began;
    process.kill(server.pid, 'SIGUSR2');
    await until('its memory is told', async () => fs.existsSync(memoryFile), patience);
    return { ms, ...JSON.parse(fs.readFileSync(memoryFile, 'utf8')) };
  } finally {
    await server.stop();
  }
}
