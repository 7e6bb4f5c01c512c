/**
 * `npm run bench -- notifications`: a message to a thousand people, and a hundred messages to one each, at a DingTalk that
 * takes its time.
 *
 * `--quick` is a trial with five messages in place of a hundred. `--only postgres` measures one database, `--write` puts the tables into
 * docs/performance.md.
 */
import type { Dialect } from '../../testing/nocobase/databases';
import type { Goal } from '../goals';
import { describeMachine, isBusy, load } from '../machine';
import { type Conditions, conditionsOf, goalsOf, one, publish, section, two } from '../report';
import { judge } from './goals';
import { measureDatabase, type Row } from './measure';

const named = { sqlite: 'always', postgres: process.env.TEST_POSTGRES_URL, mysql: process.env.TEST_MYSQL_URL };
const quick = process.argv.includes('--quick');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;

const SIZE = { people: 1000, messages: quick ? 5 : 100 };
const latencies = [0, 50, 200];

const began = Date.now();
const progress = (text: string) => process.stderr.write(`[${Math.round((Date.now() - began) / 1000)} s] ${text}\n`);

export async function main(): Promise<void> {
  const atBegin = load();
  const busy = isBusy(atBegin);
  if (busy) {
    progress(
      `WARNING: the load is ${atBegin.toFixed(1)}. The machine does other work, and the times will tell little.`,
    );
  }
  const machine = await describeMachine(named.postgres, named.mysql);
  const rows: Row[] = [];
  for (const database of ['sqlite', 'postgres', 'mysql'] as const) {
    if (!named[database]) {
      progress(`SKIPPED: ${database}; set TEST_${database.toUpperCase()}_URL to measure it.`);
    } else if (only === undefined || only === database) {
      await measure(database, rows);
    }
  }
  const run = {
    at: new Date(began).toISOString(),
    minutes: Math.round((Date.now() - began) / 60_000),
    quick,
    machine,
    load: { begin: atBegin, end: load() },
    busy,
    goals: judge(rows),
    rows,
  };
  progress(publish('bench-notifications', 'npm run bench -- notifications --write', run, tablesOf(run)));
}

async function measure(database: Dialect, rows: Row[]): Promise<void> {
  progress(`${database}: NocoBase starts`);
  await measureDatabase(database, { ...SIZE, latencies }, (row) => {
    rows.push(row);
    progress(`${database}, ${row.kind}, DingTalk ${row.latency} ms: ${row.seconds.toFixed(2)} s`);
  });
}

/** The tables of a run, as they stand in docs/performance.md. */
const tablesOf = (run: Conditions & { goals: Goal[]; rows: Row[] }): string =>
  [
    conditionsOf(run),
    ...goalsOf(run.goals),
    ...section('Messages', run.rows, {
      Database: ({ database }) => database,
      'DingTalk, ms': ({ latency }) => latency,
      Messages: ({ messages }) => messages,
      'People each': ({ people }) => people,
      'Calls to DingTalk': ({ calls }) => calls,
      'Time, s': ({ seconds }) => two(seconds),
      'Time, sum of DingTalk’s answers = 1': ({ seconds, calls, latency }) =>
        latency ? two((1000 * seconds) / (calls * latency)) : '–',
      'SQL statements': ({ statements }) => statements,
      'of which to look up receivers, of each': ({ lookUp }) => lookUp,
      'Memory, MiB': ({ memory }) => one(memory),
    }),
  ].join('\n\n');
