import type { Goal } from '../goals';
import type { Row, SignInRow } from './measure';

/** By the number of changes at once: within how many seconds 95 of 100 are there. */
const MOST_SECONDS: Record<number, number> = { 1: 5, 100: 10, 1000: 60 };

/** A leaver's session ends within so many, whatever else happens. */
const MOST_SECONDS_OF_SESSION = 10;

/** Judges a run. What was not measured is no goal that was reached, but none at all. */
export function judge(rows: Row[], signIns: SignInRow[]): Goal[] {
  return [...rows.flatMap(judgeRow), ...judgeSignIns(signIns)];
}

function judgeRow({ nodes, way, what, changes, p95 }: Row): Goal[] {
  const isSession = what === 'left' || what === 'left amid others';
  const most = isSession ? MOST_SECONDS_OF_SESSION : MOST_SECONDS[changes];
  const many = changes.toLocaleString('en-US');
  const goal = isSession
    ? `p95 of the seconds until a leaver’s session ends${what === 'left' ? '' : `, amid ${many} changes`}`
    : `p95 of the seconds until changes are there, ${many} ${what}`;
  return most === undefined
    ? []
    : [
        {
          goal: `${goal}: at most ${most}`,
          where: `${nodes === 1 ? 'one node' : `${nodes} nodes`}, ${way}`,
          figure: p95.toFixed(1),
          reached: p95 <= most,
        },
      ];
}

/** Beside what waits, a sign-in is no slower than it is in the slowest round without: what differs less is chance. */
function judgeSignIns(rows: SignInRow[]): Goal[] {
  const alone = rows.find(({ waiting }) => waiting === 0);
  return rows
    .filter(({ waiting }) => alone && waiting > 0)
    .map(({ waiting, p50, failures }) => ({
      goal: `p50 of a sign-in, in ms, while ${waiting.toLocaleString('en-US')} changes wait: at most that of the slowest round without, and no failure`,
      where: 'one node',
      figure: `${p50.toFixed(1)} (${alone?.most.toFixed(1)} without)`,
      reached: p50 <= (alone?.most ?? NaN) && failures === 0,
    }));
}
