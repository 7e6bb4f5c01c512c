import type { Goal } from '../goals';
import type { Kind, Row } from './measure';

/** What the goals of a whole company are about. */
export const COMPANY = 10_000;
export const LARGE = 100_000;

/** How much longer each of ten times as many people may take: caches get smaller, and indexes deeper. */
const LINEAR = 1.5;

interface Limit {
  goal: string;
  most: number;
  kind?: Kind;
  people?: number;
  database?: Row['database'];
  value(row: Row): number;
}

const seconds = ({ seconds: taken }: Row) => taken;

const limits: Limit[] = [
  { goal: 'Seconds of the first run', most: 240, kind: 'first', database: 'postgres', value: seconds },
  { goal: 'Seconds of an unchanged run', most: 3, kind: 'unchanged', value: seconds },
  { goal: 'Writes of an unchanged run', most: 0, kind: 'unchanged', value: ({ writes }) => writes },
  { goal: 'Seconds of a run with 1 % changed', most: 10, kind: '1 % changed', value: seconds },
  { goal: 'Seconds of an unchanged run, paced', most: 42, kind: 'unchanged, paced', value: seconds },
  {
    goal: 'Calls of an endpoint in a second, paced',
    // 15 begin within a second; one that is late may arrive beside the next one.
    most: 16,
    kind: 'unchanged, paced',
    value: ({ busiest }) => busiest,
  },
  {
    goal: 'Calls more than scope, departments, pages of 100, and who is missing',
    most: 0,
    value: ({ extraCalls }) => extraCalls,
  },
  { goal: 'MiB of memory', most: 150, value: ({ memory }) => memory },
  { goal: 'MiB of memory', most: 500, people: LARGE, value: ({ memory }) => memory },
];

/** Judges a run. What was not measured is no goal that was reached, but none at all. */
export function judge(rows: Row[]): Goal[] {
  const databases = [...new Set(rows.map(({ database }) => database))];
  return [
    ...databases.flatMap((database) => limits.flatMap((limit) => judgeOne(rows, database, limit))),
    ...databases.flatMap((database) => linear(rows, database)),
  ];
}

/** The worst of the rows decides, and is named. */
function judgeOne(rows: Row[], database: Row['database'], limit: Limit): Goal[] {
  const { goal, most, kind, people = COMPANY, value } = limit;
  const isOfGoal = (row: Row) => row.database === database && row.people === people && (!kind || row.kind === kind);
  const here = limit.database && limit.database !== database ? [] : rows.filter(isOfGoal);
  if (!here.length) {
    return [];
  }
  const worst = here.reduce((one, other) => (value(other) > value(one) ? other : one));
  const figure = value(worst);
  return [
    {
      goal: `${goal}: at most ${most}`,
      where: `${database}, ${people.toLocaleString('en-US')} people`,
      figure: `${Number(figure.toFixed(2))}${kind || figure <= most ? '' : ` (${worst.kind})`}`,
      reached: figure <= most,
    },
  ];
}

/** Each size is compared with the one before it, by what a person takes. */
function linear(rows: Row[], database: Row['database']): Goal[] {
  const here = rows.filter((row) => row.database === database);
  return [...new Set(here.map(({ kind }) => kind))].flatMap((kind) => {
    const sizes = here.filter((row) => row.kind === kind).sort((one, other) => one.people - other.people);
    return sizes.slice(1).flatMap((row, index): Goal[] => {
      const before = sizes[index];
      if (before.people === row.people) {
        return [];
      }
      const figure = row.seconds / row.people / (before.seconds / before.people);
      const [from, to] = [before, row].map(({ people }) => people.toLocaleString('en-US'));
      return [
        {
          goal: `Seconds a person, ${kind}, of ${from} = 1: at most ${LINEAR}`,
          where: `${database}, ${to} people`,
          figure: figure.toFixed(2),
          reached: figure <= LINEAR,
        },
      ];
    });
  });
}
