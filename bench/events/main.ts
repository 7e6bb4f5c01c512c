/**
 * `npm run bench -- events`: how long a change in DingTalk takes to NocoBase, beside what its calls take by themselves.
 *
 * `--quick` is a trial of the same with 1,000 people. `--write` puts the tables into docs/performance.md.
 */
import { publish } from '../report';
import { progress, quick, urls, watchConditions } from '../run';
import { judge } from './goals';
import { Measurement, type Plan, type Row, type SignInRow, type Way } from './measure';
import { tablesOf } from './report';

const { postgres } = urls;

const SIZE = quick ? { people: 1000, departments: 50 } : { people: 5000, departments: 500 };
const PLAN: Plan = quick ? { times: { 1: 2, 100: 1 }, leavers: 2 } : { times: { 1: 10, 100: 2, 1000: 1 }, leavers: 5 };
const SIGN_INS = quick ? { rounds: 2, waiting: 1000 } : { rounds: 3, waiting: 10_000 };
const WAYS: Way[] = ['Stream', 'HTTP'];
const NODES = 2;

export async function main(): Promise<void> {
  if (!postgres) {
    progress('SKIPPED: set TEST_POSTGRES_URL, as several nodes need PostgreSQL.');
    return;
  }
  const conditions = await watchConditions({ postgres });
  const rows: Row[] = [];
  const signIns: SignInRow[] = [];
  progress('NocoBase starts, and the source runs for the first time');
  await Measurement.with(SIZE, async (measurement) => {
    for (let nodes = 1; nodes <= NODES; nodes++) {
      if (nodes > 1) {
        await measurement.addNode();
      }
      for (const way of WAYS) {
        for await (const row of measurement.changes(way, PLAN)) {
          rows.push(row);
          progress(`nodes: ${nodes}, ${way}, ${row.changes} ${row.what}: p95 ${row.p95.toFixed(1)} s`);
        }
      }
      if (nodes === 1) {
        signIns.push(...(await measurement.signIns(SIGN_INS.rounds, SIGN_INS.waiting)));
        progress('Sign-ins beside what waits: measured');
      }
    }
  });
  const run = { ...conditions(), goals: judge(rows, signIns), rows, signIns };
  progress(publish('bench-events', 'npm run bench -- events --write', run, tablesOf(run)));
}
