import type { Goal } from '../goals';
import { type Conditions, conditionsOf, goalsOf, one, section, two } from '../report';
import type { Row, SignInRow } from './measure';

/** Everything that one `npm run bench -- events` found: what `.nocobase/bench-events.json` holds. */
interface EventsRun extends Conditions {
  goals: Goal[];
  rows: Row[];
  signIns: SignInRow[];
}

const number = (value: number) => value.toLocaleString('en-US');

/** The tables of a run, as they stand in docs/performance.md. */
export function tablesOf({ goals, rows, signIns, ...run }: EventsRun): string {
  return [
    conditionsOf(run),
    ...goalsOf(goals),
    ...section('From a change in DingTalk to NocoBase', rows, {
      Nodes: ({ nodes }) => nodes,
      By: ({ way }) => way,
      'What happens': ({ what }) => what,
      'Changes at once': ({ changes }) => number(changes),
      Times: ({ times }) => times,
      'p50, s': ({ p50 }) => one(p50),
      'p95, s': ({ p95 }) => one(p95),
      'Calls to DingTalk': ({ calls }) => number(Math.round(calls)),
      'Floor: these calls alone, s': ({ floor }) => two(floor),
    }),
    ...section('Sign-ins while changes wait', signIns, {
      'Changes that wait': ({ waiting }) => number(waiting),
      'Sign-ins': ({ count }) => number(count),
      Failures: ({ failures }) => failures,
      'p50, ms': ({ p50 }) => one(p50),
      'p50 of the rounds, least and most, ms': ({ least, most }) => `${one(least)} to ${one(most)}`,
      'p95, ms': ({ p95 }) => one(p95),
    }),
  ].join('\n\n');
}
