/**
 * `npm run bench -- notifications`: a message to a thousand people, and a hundred messages to one each, at a DingTalk that
 * takes its time.
 *
 * `--quick` is a trial with five messages in place of a hundred. `--only postgres` measures one database, `--write` puts
 * the tables into docs/performance.md.
 */
import type { Dialect } from '../../testing/nocobase/databases';
import type { Goal } from '../goals';
import { type Conditions, conditionsOf, goalsOf, one, publish, section, two } from '../report';
import { databasesToMeasure, progress, quick, urls, watchConditions } from '../run';
import { judge } from './goals';
import { measureDatabase, type Row } from './measure';

const SIZE = { people: 1000, messages: quick ? 5 : 100 };
const latencies = [0, 50, 200];

export async function main(): Promise<void> {
  const conditions = await watchConditions(urls);
  const rows: Row[] = [];
  for (const database of databasesToMeasure()) {
    await measure(database, rows);
  }
  const run = { ...conditions(), goals: judge(rows), rows };
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
