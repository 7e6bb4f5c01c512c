import type { Goal } from '../goals';

/** What one version took in one client over one line: of the rounds, the median. */
export interface Row {
  client: 'v1' | 'v2';
  line: string;
  version: string;
  /** Seconds, see `Waited`. */
  approved: number;
  exposed: number;
  opened: number;
}

/** Of the time that two loads of NocoBase's pages took. */
const SHARE = 0.6;

/** On every line, in seconds. */
const EXPOSED = 1;

/** Judges the rows of `version`. What was not measured is no goal that was reached, but none at all. */
export function judge(rows: Row[], version: string, slow: string): Goal[] {
  return rows
    .filter((row) => row.version === version)
    .flatMap(({ client, line, approved, exposed }) => {
      const before = rows.find((row) => row.client === client && row.line === line && row.version !== version);
      const share = before && approved / before.approved;
      return [
        {
          goal: `Seconds in which a code or a state stands in the address: at most ${EXPOSED}`,
          where: `${client}, ${line}`,
          figure: exposed.toFixed(1),
          reached: exposed <= EXPOSED,
        },
        ...(share !== undefined && line === slow
          ? [
              {
                goal: `From the approval to the page, ${before?.version} = 1: at most ${SHARE}`,
                where: `${client}, ${line}`,
                figure: share.toFixed(2),
                reached: share <= SHARE,
              },
            ]
          : []),
      ];
    });
}
