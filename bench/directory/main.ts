/**
 * `npm run bench -- sync`: runs of the directory, beside the least that they can cost and NocoBase's own writer.
 *
 * `--quick` is a trial with 1,000 people. `--large` adds 100,000 people on PostgreSQL, which takes an hour or more.
 * `--only postgres` measures one database, `--write` puts the tables into docs/performance.md.
 */
import type { Dialect } from '../../testing/nocobase/databases';
import { describeMachine, isBusy, load } from '../machine';
import { publish } from '../report';
import { COMPANY, judge, LARGE } from './goals';
import { type Beside, Measurement, type Plan, type Row } from './measure';
import { type DirectoryRun, tablesOf } from './report';

const named = { sqlite: 'always', postgres: process.env.TEST_POSTGRES_URL, mysql: process.env.TEST_MYSQL_URL };
const quick = process.argv.includes('--quick');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;

const SMALL = 1000;
/** How many people there are for one department. */
const TEAM = 20;
/** NocoBase's own writer takes a quarter of an hour for 10,000. */
const OF_HOST = 500;

const began = Date.now();
const progress = (text: string) => process.stderr.write(`[${Math.round((Date.now() - began) / 1000)} s] ${text}\n`);

const sizeOf = (people: number) => ({ people, departments: people / TEAM });

async function measureDatabase(database: Dialect): Promise<{ rows: Row[]; beside: Beside[] }> {
  const rows: Row[] = [];
  const beside: Beside[] = [];
  const hasLarge = database === 'postgres' && process.argv.includes('--large');
  for (const people of quick ? [SMALL] : [SMALL, COMPANY, ...(hasLarge ? [LARGE] : [])]) {
    progress(`${database}, ${people} people: NocoBase starts`);
    const plan: Plan = { rounds: people > COMPANY ? 1 : 3, paced: people === COMPANY, floor: SMALL };
    await Measurement.with(database, sizeOf(people), async (measurement) => {
      beside.push(...(people === SMALL && !quick ? [] : await measurement.floor(plan.floor)));
      for await (const row of measurement.runs(plan)) {
        rows.push(row);
        progress(`${database}, ${people} people, ${row.kind}: ${row.seconds.toFixed(1)} s`);
      }
    });
  }
  progress(`${database}: NocoBase’s own writer`);
  beside.push(...(await Measurement.with(database, sizeOf(OF_HOST), (measurement) => measurement.host())));
  return { rows, beside };
}

export async function main(): Promise<void> {
  const atBegin = load();
  const busy = isBusy(atBegin);
  if (busy) {
    progress(
      `WARNING: the load is ${atBegin.toFixed(1)}. The machine does other work, and the times will tell little.`,
    );
  }
  const machine = await describeMachine(named.postgres, named.mysql);
  const found: { rows: Row[]; beside: Beside[] } = { rows: [], beside: [] };
  for (const database of ['sqlite', 'postgres', 'mysql'] as const) {
    if (!named[database]) {
      progress(`SKIPPED: ${database}; set TEST_${database.toUpperCase()}_URL to measure it.`);
    } else if (only === undefined || only === database) {
      const { rows, beside } = await measureDatabase(database);
      found.rows.push(...rows);
      found.beside.push(...beside);
    }
  }
  report({
    at: new Date(began).toISOString(),
    minutes: Math.round((Date.now() - began) / 60_000),
    quick,
    machine,
    load: { begin: atBegin, end: load() },
    busy,
    goals: judge(found.rows),
    ...found,
  });
}

function report(run: DirectoryRun): void {
  progress(publish('bench-sync', 'npm run bench -- sync --write', run, tablesOf(run)));
}
