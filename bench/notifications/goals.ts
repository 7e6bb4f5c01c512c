import type { Goal } from '../goals';
import type { Row } from './measure';

/** A message to so many people takes so many calls. */
const PEOPLE_A_CALL = 100;

/** Four calls are side by side. */
const SHARE = 0.4;

const STATEMENTS = 3;

/** Judges a run. What was not measured is no goal that was reached, but none at all. */
export function judge(rows: Row[]): Goal[] {
  return rows.flatMap((row) => {
    const { database, latency, messages, people, calls, seconds, lookUp } = row;
    const where = `${database}, ${messages} × ${people.toLocaleString('en-US')}, DingTalk ${latency} ms`;
    const needed = messages * Math.ceil(people / PEOPLE_A_CALL);
    const sum = (calls * latency) / 1000;
    const share = seconds / sum;
    return [
      {
        goal: `Statements that look up the receivers of a message: at most ${STATEMENTS}`,
        where,
        figure: String(lookUp),
        reached: lookUp <= STATEMENTS,
      },
      { goal: `Calls: ${needed}`, where, figure: String(calls), reached: calls === needed },
      ...(row.kind === 'one message' && sum > 0
        ? [
            {
              goal: `Seconds, of the sum of DingTalk’s answers: at most ${SHARE}`,
              where,
              figure: share.toFixed(2),
              reached: share <= SHARE,
            },
          ]
        : []),
    ];
  });
}
