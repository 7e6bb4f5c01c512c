/**
 * `npm run bench`: our sign-in against the floor, in one run on one machine; tables, and JSON beside them.
 *
 * `--quick` is a trial of the same in some minutes. `--write` puts the tables into docs/performance.md.
 * `npm run bench -- sync` measures runs of the directory instead, see directory/main.ts, `npm run bench -- events` what
 * follows single changes, see events/main.ts, `npm run bench -- notifications` messages, see notifications/main.ts,
 * and `npm run bench -- pages` what a browser waits for, see pages/main.ts.
 */
import type { Dialect } from '../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../testing/nocobase/dingtalk';
import { judge } from './goals';
import { measureLookups } from './lookup';
import { MeasuredServer } from './measured-server';
import { publish, type Run, tablesOf } from './report';
import { countConnections, measureMemory } from './resources';
import { measureRounds, type Plan } from './rounds';
import { progress, quick, urls, watchConditions } from './run';
import { type Kind, SignIns } from './sign-ins';
import { measureStartUp } from './start-up';

const { postgres } = urls;

const LATENCIES = [0, 50, 200];
/** Inside DingTalk a returning person takes one call; enough to see that. */
const INSIDE = { limit: 10, latencies: [0, 50] };
const COUNTS = quick ? { 1: 3, 10: 10, 50: 50 } : { 1: 10, 10: 40, 50: 100 };
const ROUNDS = quick ? 2 : 5;
const MANY = quick ? 500 : 10_000;
const STARTS = quick ? 1 : 5;
const KNOWN = 100;

async function measureDatabase(
  database: Dialect,
  dingtalk: DingTalk,
): Promise<Pick<Run, 'rows' | 'inARow' | 'memory'>> {
  progress(`${database}: NocoBase starts`);
  const server = await MeasuredServer.start(database, dingtalk);
  try {
    const signIns = new SignIns(server, dingtalk, KNOWN);
    const inARow = [await countConnections(server, signIns, dingtalk, database)];
    // Nobody is measured cold.
    await signIns.greet();
    await server.measure(await signIns.prepare('floor', KNOWN), 5);
    const rows: Run['rows'] = [];
    for (const [limit, count] of Object.entries(COUNTS)) {
      const plan: Plan = { rounds: ROUNDS, count, limit: Number(limit), what: whatToMeasure(Number(limit)) };
      const found = await measureRounds({ server, signIns, dingtalk }, database, plan);
      rows.push(...found);
      progress(`${database}, ${limit} at a time: measured`);
    }
    const memory: Run['memory'] = [];
    for (const kind of database === 'postgres' ? (['floor', 'returning'] as const) : []) {
      memory.push(await measureMemory(server, signIns, kind, MANY));
      progress(`${database}, memory after ${MANY} sign-ins, ${kind}: measured`);
    }
    return { rows, inARow, memory };
  } finally {
    await server.stop();
  }
}

function whatToMeasure(limit: number): { kind: Kind; latency: number }[] {
  const kinds = ['returning', 'whole way', 'first match', 'new user'] as const;
  const inside = limit === INSIDE.limit ? INSIDE.latencies : [];
  return [
    ...LATENCIES.flatMap((latency) => kinds.map((kind) => ({ kind, latency }))),
    ...inside.map((latency) => ({ kind: 'inside DingTalk' as const, latency })),
  ];
}

async function main() {
  const conditions = await watchConditions({ postgres });
  if (!postgres) {
    progress('SKIPPED: PostgreSQL; set TEST_POSTGRES_URL to measure it.');
  }
  const boots = await measureStartUp(STARTS, progress);
  const dingtalk = await startDingTalk();
  const found: Pick<Run, 'rows' | 'inARow' | 'memory'> = { rows: [], inARow: [], memory: [] };
  for (const database of ['sqlite', ...(postgres ? (['postgres'] as const) : [])] as const) {
    const { rows, inARow, memory } = await measureDatabase(database, dingtalk);
    found.rows.push(...rows);
    found.inARow.push(...inARow);
    found.memory.push(...memory);
  }
  progress('Among many users');
  const among = postgres ? await measureLookups(postgres, dingtalk, quick) : { lookups: [], growth: [], indexes: [] };
  await dingtalk.close();

  const run: Run = {
    ...conditions(),
    goals: judge(found.rows, found.inARow),
    ...found,
    boots,
    ...among,
  };
  report(run);
}

function report(run: Run) {
  progress(publish('bench', 'npm run bench -- --write', run, tablesOf(run)));
}

/** What the first word asks for. */
const measures: Record<string, () => Promise<void>> = {
  sync: async () => (await import('./directory/main')).main(),
  events: async () => (await import('./events/main')).main(),
  notifications: async () => (await import('./notifications/main')).main(),
  pages: async () => (await import('./pages/main')).main(),
};

const measure = measures[process.argv[2]] ?? main;

measure().catch((error) => {
  console.error(error);
  process.exit(1);
});
