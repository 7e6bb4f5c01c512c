import type { Connections } from './resources';
import type { Row } from './rounds';
import { isOwn } from './sign-ins';

/** A goal, what this run reached, and whether that is enough. */
export interface Goal {
  goal: string;
  where: string;
  figure: string;
  reached: boolean;
}

/** Judges a run. What was not measured is no goal that was reached, but none at all. */
export function judge(rows: Row[], inARow: Connections[]): Goal[] {
  const databases = [...new Set(rows.map(({ database }) => database))];
  return databases.flatMap((database) => {
    const here = rows.filter((row) => row.database === database);
    const connections = inARow.filter((each) => each.database === database);
    return [
      ...atMost('Calls to DingTalk a sign-in', 2, here.filter(isFromBrowser), ({ calls }) => calls, database),
      ...connections.map(({ signIns, opened }) => ({
        goal: `Connections to DingTalk for ${signIns} sign-ins in a row: at most 1`,
        where: database,
        figure: String(opened),
        reached: opened <= 1,
      })),
      ...[...new Set(here.map(({ limit }) => limit))].flatMap((limit) =>
        atMost(
          'p50 of a returning user, floor + DingTalk = 1',
          1.1,
          here.filter((row) => row.kind === 'returning' && row.limit === limit),
          ({ latencyOfExpected }) => latencyOfExpected,
          `${database}, ${limit} at a time`,
        ),
      ),
      ...atMost(
        'p50 of the whole way, a sign-in with a password = 1',
        0.6,
        here.filter(({ kind, latency }) => kind === 'whole way' && latency === 0),
        ({ latencyOfPassword }) => latencyOfPassword,
        database,
      ),
      ...atMost(
        'Processor time of a returning user, floor = 1',
        1.25,
        here.filter(({ kind }) => kind === 'returning'),
        ({ cpuOfFloor }) => cpuOfFloor,
        database,
      ),
      ...atMost(
        'SQL statements of a returning user, more than the floor',
        1,
        here.filter(({ kind }) => kind === 'returning'),
        more(here),
        database,
      ),
      ...atMost(
        'SQL statements of a first match, more than the floor',
        6,
        here.filter(({ kind }) => kind === 'first match'),
        more(here),
        database,
      ),
      ...(database === 'postgres'
        ? atMost(
            'Failures',
            0,
            here.filter(({ limit }) => limit === 50),
            ({ failures }) => failures,
            `${database}, 50 at a time`,
          )
        : []),
    ];
  });
}

/** Takes two calls to DingTalk. */
export const isFromBrowser = ({ kind }: Row) => !isOwn(kind) && kind !== 'inside DingTalk';

const more = (rows: Row[]) => (row: Row) => {
  const floor = rows.find(({ kind, limit }) => kind === 'floor' && limit === row.limit);
  return row.statements - (floor?.statements ?? NaN);
};

/** The worst of these rows decides, and is named. */
function atMost(goal: string, most: number, rows: Row[], value: (row: Row) => number, where: string): Goal[] {
  if (!rows.length) {
    return [];
  }
  const worst = rows.reduce((one, other) => (value(other) > value(one) ? other : one));
  const figure = value(worst);
  return [
    {
      goal: `${goal}: at most ${most}`,
      where,
      figure: `${Number(figure.toFixed(2))}${figure > most ? ` (${nameOf(worst)})` : ''}`,
      reached: figure <= most,
    },
  ];
}

const nameOf = ({ kind, latency, limit }: Row) => `${kind}, DingTalk ${latency} ms, ${limit} at a time`;
