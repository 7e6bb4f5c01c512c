/** `npm run bench`: our sign-in against the floor, in one run on one machine; a table, and JSON beside it. */
import fs from 'node:fs';
import path from 'node:path';
import { STATE } from '../dev/paths';
import type { Dialect } from '../src/server/__tests__/support/databases';
import { type DingTalk, startDingTalk } from '../src/server/__tests__/support/dingtalk';
import { measureLookups } from './lookup';
import { type Figures, Server } from './measure';
import { dingTalkSignIns, floorSignIns } from './sign-ins';

const LATENCIES = [0, 50, 200];
const LIMITS = [1, 10, 50];
const MANY = 10_000;

const postgres = process.env.TEST_POSTGRES_URL;
const quick = process.argv.includes('--quick');
const countOf = (limit: number) => (quick ? Math.max(10, limit * 2) : limit === 1 ? 40 : limit * 10);

interface Row extends Figures {
  database: Dialect;
  signIn: string;
  latency: number;
  limit: number;
  /** Calls and new connections to DingTalk a sign-in. */
  calls: number;
  connections: number;
}

const progress = (text: string) => process.stderr.write(`${text}\n`);

async function measureSignIns(database: Dialect, dingtalk: DingTalk): Promise<Row[]> {
  const env = { DINGTALK_LOGIN_URL: dingtalk.url, DINGTALK_API_URL: dingtalk.url };
  const server = await Server.start(database, env);
  const { url, userId } = server.started;
  const rows: Row[] = [];

  const run = async (signIn: string, latency: number, limit: number, signIns: Parameters<Server['measure']>[0]) => {
    dingtalk.company.settings.latencyMs = latency;
    const [calls, connections] = [dingtalk.calls.length, dingtalk.connections];
    const figures = await server.measure(signIns, limit);
    rows.push({
      database,
      signIn,
      latency,
      limit,
      ...figures,
      calls: (dingtalk.calls.length - calls) / signIns.length,
      connections: (dingtalk.connections - connections) / signIns.length,
    });
    progress(`${database}, ${signIn}, DingTalk ${latency} ms, ${limit} at a time: p50 ${figures.p50.toFixed(1)} ms`);
  };

  // Nobody is measured cold.
  await server.measure(floorSignIns(url, userId, 50), 5);
  const known = Array.from({ length: 100 }, () => dingtalk.addPerson().id);
  await server.measure(await dingTalkSignIns(url, dingtalk, known), 5);

  for (const limit of LIMITS) {
    const count = countOf(limit);
    await run('floor', 0, limit, floorSignIns(url, userId, count));
    for (const latency of LATENCIES) {
      const returning = Array.from({ length: count }, (_, index) => known[index % known.length]);
      await run('returning', latency, limit, await dingTalkSignIns(url, dingtalk, returning));
      const first = Array.from({ length: count }, () => dingtalk.addPerson().id);
      await run('first', latency, limit, await dingTalkSignIns(url, dingtalk, first));
    }
  }
  dingtalk.company.settings.latencyMs = 0;
  if (database === 'postgres' && !quick) {
    await measureMemory(server, dingtalk, known);
  }
  await server.stop();
  return rows;
}

async function measureMemory(server: Server, dingtalk: DingTalk, known: string[]) {
  const before = await server.stats();
  for (let done = 0; done < MANY; done += 500) {
    const accounts = Array.from({ length: 500 }, (_, index) => known[index % known.length]);
    await server.measure(await dingTalkSignIns(server.started.url, dingtalk, accounts), 20);
  }
  const after = await server.stats();
  progress(`Heap after ${MANY} sign-ins: ${before.heap.toFixed(1)} → ${after.heap.toFixed(1)} MiB`);
}

function printTable(rows: Row[]) {
  const fixed = (value: number, digits = 1) => Number(value.toFixed(digits));
  console.table(
    rows.map(({ database, signIn, latency, limit, ...figures }) => ({
      database,
      'sign-in': signIn,
      'DingTalk ms': latency,
      'at a time': limit,
      'per s': fixed(figures.rate),
      'p50 ms': fixed(figures.p50),
      'p95 ms': fixed(figures.p95),
      'p99 ms': fixed(figures.p99),
      failures: figures.failures,
      'cpu ms': fixed(figures.cpu),
      SQL: fixed(figures.statements),
      calls: fixed(figures.calls, 2),
      connections: fixed(figures.connections, 2),
    })),
  );
}

async function main() {
  const dingtalk = await startDingTalk();
  const databases: Dialect[] = postgres ? ['sqlite', 'postgres'] : ['sqlite'];
  if (!postgres) {
    progress('SKIPPED: PostgreSQL; set TEST_POSTGRES_URL to measure it.');
  }
  const rows: Row[] = [];
  for (const database of databases) {
    rows.push(...(await measureSignIns(database, dingtalk)));
  }
  await dingtalk.close();
  printTable(rows);
  const lookups = postgres && !quick ? await measureLookups(postgres) : [];
  console.table(lookups);
  const file = path.join(STATE, 'bench.json');
  fs.mkdirSync(STATE, { recursive: true });
  fs.writeFileSync(
    file,
    JSON.stringify({ at: new Date().toISOString(), node: process.version, rows, lookups }, null, 2),
  );
  progress(`Written: ${file}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
