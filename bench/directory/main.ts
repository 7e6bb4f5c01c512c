/**
 * `npm run bench -- sync`: runs of the directory, beside the least that they can cost and NocoBase's own writer.
 *
 * `--quick` is a trial with 1,000 people. `--large` adds 100,000 people on PostgreSQL, which takes an hour or more.
 * `--only postgres` measures one database, `--write` puts the tables into docs/performance.md.
 */
import type { Dialect } from '../../testing/nocobase/databases';
import { publish } from '../report';
import { databasesToMeasure, isAsked, progress, quick, urls, watchConditions } from '../run';
import { COMPANY, judge, LARGE } from './goals';
import { type Beside, Measurement, type Plan, type Row } from './measure';
import { type DirectoryRun, tablesOf } from './report';

const SMALL = 1000;
/** How many people there are for one department. */
const TEAM = 20;
/** NocoBase's own writer takes a quarter of an hour for 10,000. */
const OF_HOST = 500;

const sizeOf = (people: number) => ({ people, departments: people / TEAM });

async function measureDatabase(database: Dialect): Promise<{ rows: Row[]; beside: Beside[] }> {
  const rows: Row[] = [];
  const beside: Beside[] = [];
  const hasLarge = database === 'postgres' && isAsked('--large');
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
  const conditions = await watchConditions(urls);
  const found: { rows: Row[]; beside: Beside[] } = { rows: [], beside: [] };
  for (const database of databasesToMeasure()) {
    const { rows, beside } = await measureDatabase(database);
    found.rows.push(...rows);
    found.beside.push(...beside);
  }
  const run: DirectoryRun = { ...conditions(), goals: judge(found.rows), ...found };
  progress(publish('bench-sync', 'npm run bench -- sync --write', run, tablesOf(run)));
}
