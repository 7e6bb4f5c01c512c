import type { Goal } from '../goals';
import { type Conditions, conditionsOf, goalsOf, one, section, two } from '../report';
import type { Beside, Row } from './measure';

/** Everything that one `npm run bench -- sync` found: what `.nocobase/bench-sync.json` holds. */
export interface DirectoryRun extends Conditions {
  goals: Goal[];
  rows: Row[];
  beside: Beside[];
}

const number = (value: number) => value.toLocaleString('en-US');

/** The tables of a run, as they stand in docs/performance.md. */
export function tablesOf(run: DirectoryRun): string {
  return [
    conditionsOf(run),
    ...goalsOf(run.goals),
    ...section('Runs', run.rows, {
      Database: ({ database }) => database,
      People: ({ people }) => number(people),
      Departments: ({ departments }) => number(departments),
      Run: ({ kind }) => kind,
      Runs: ({ runs }) => runs,
      'Calls to DingTalk': ({ calls }) => number(calls),
      'Time, s': ({ seconds }) => two(seconds),
      'of which reading, s': ({ read }) => two(read),
      'Processor, s': ({ cpu }) => two(cpu),
      'SQL statements': ({ statements }) => number(statements),
      'Writes to NocoBase’s tables': ({ writes }) => number(writes),
      'Memory, MiB': ({ memory }) => one(memory),
      'Members and departments written': ({ written }) => number(written),
      'Time of each written, ms': ({ seconds, written }) => (written ? one((1000 * seconds) / written) : '–'),
      'Statements of each written': ({ statements, written }) => (written ? one(statements / written) : '–'),
    }),
    ...section('Beside it', run.beside, {
      Database: ({ database }) => database,
      What: ({ what }) => what,
      Records: ({ count }) => number(count),
      'Time, s': ({ seconds }) => two(seconds),
      'Processor, s': ({ cpu }) => two(cpu),
      'SQL statements': ({ statements }) => number(statements),
      'Memory, MiB': ({ memory }) => one(memory),
      'Time of each, ms': ({ seconds, count }) => one((1000 * seconds) / count),
      'Statements of each': ({ statements, count }) => one(statements / count),
      '10,000 at that rate, s': ({ seconds, count }) => number(Math.round((10_000 * seconds) / count)),
    }),
  ].join('\n\n');
}
