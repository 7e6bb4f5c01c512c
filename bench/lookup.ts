/**
 * How long PostgreSQL takes to find a person among many users, and by what plan. The statements are those that a real
 * NocoBase sends while people sign in, in its own tables, filled up.
 */
import pg from 'pg';
import { median } from 'simple-statistics';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import { MeasuredServer } from './measured-server';
import { type Kind, SignIns } from './sign-ins';

const RUNS = 15;
const SIZES = [100, 10_000, 1_000_000];

export interface Lookup {
  users: number;
  /** A sign-in that sends it. */
  kind: Kind;
  what: string;
  /** Milliseconds in the database, planning included: the median. */
  ms: number;
  /** The scans that the planner chose. */
  plan: string;
  /** 8 kB blocks that were looked at. */
  blocks: number;
}

/** What a sign-in takes among so many users. */
export interface Growth {
  users: number;
  kind: Kind;
  /** Milliseconds. */
  p50: number;
}

/** NocoBase names it when it makes the index that the plugin declares. */
const DROP_OUR_INDEX = 'DROP INDEX users_authenticators_uuid';

/** What a statement seeks. The first pattern that fits names it. */
const names: [RegExp, string][] = [
  [/"uuid" =/, 'who is bound to the unionId'],
  [/"uuid" IN/, 'who is bound to the unionId, or to an old key, or has the phone number and is bound'],
  [/"phone" LIKE/, 'who has the phone number, in any spelling'],
  [/max\("sort"\)/, 'the last place in the order of users (NocoBase’s own)'],
];

export async function measureLookups(url: string, dingtalk: DingTalk, quick: boolean) {
  const server = await MeasuredServer.start('postgres', dingtalk);
  const client = new pg.Client(Object.assign(new URL(url), { pathname: `/${server.started.database}` }).href);
  await client.connect();
  try {
    const signIns = new SignIns(server, dingtalk, 20);
    await signIns.greet();
    const lookups: Lookup[] = [];
    const growth: Growth[] = [];
    for (const users of quick ? SIZES.slice(0, 2) : SIZES) {
      await fillUp(client, users);
      for (const kind of ['returning', 'first match', 'new user'] as const) {
        const { times } = await server.measure(await signIns.prepare(kind, RUNS), 1);
        growth.push({ users, kind, p50: median(times) });
        const statements = await seen(server, signIns, kind);
        const isNew = ({ what }: Lookup) => !lookups.some((known) => known.users === users && known.what === what);
        lookups.push(...(await explainAll(client, statements, { users, kind })).filter(isNew));
        if (kind === 'returning') {
          await client.query(`BEGIN; ${DROP_OUR_INDEX}`);
          const without = await explainAll(client, statements, { users, kind });
          await client.query('ROLLBACK');
          lookups.push(
            ...without.map((lookup) => ({ ...lookup, what: `${lookup.what}; without this plugin’s index` })),
          );
        }
      }
    }
    return { lookups, growth, indexes: await indexes(client) };
  } finally {
    await client.end();
    await server.stop();
  }
}

/** Users who never signed in with DingTalk, and others who did, until there are so many. */
async function fillUp(client: pg.Client, users: number) {
  const { rows } = await client.query('SELECT count(*)::int AS present, max(id)::int AS last FROM users');
  const [{ present, last }] = rows;
  await client.query(
    `INSERT INTO users (id, nickname, username, email, phone, password, "createdAt", "updatedAt", sort)
     SELECT n, 'User ' || n, 'user-' || n, 'user-' || n || '@example.com', (13900000000 + n)::text, md5(n::text) || md5(n::text), now(), now(), n
     FROM generate_series($1::int, $2::int) n`,
    [last + 1, last + users - present],
  );
  await client.query(`SELECT setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users))`);
  await client.query(
    `INSERT INTO "usersAuthenticators" (authenticator, "userId", uuid, nickname, avatar, "createdAt", "updatedAt")
     SELECT 'dingtalk', id, 'union-' || id, nickname, '', now(), now() FROM users WHERE id > $1 AND id % 2 = 0`,
    [last],
  );
  await client.query('VACUUM ANALYZE users');
  await client.query('VACUUM ANALYZE "usersAuthenticators"');
}

/** What one sign-in asks these two tables. */
async function seen(server: MeasuredServer, signIns: SignIns, kind: Kind): Promise<string[]> {
  const prepared = await signIns.prepare(kind, 1);
  await server.ask('statements', null);
  await server.measure(prepared, 1);
  const statements = await server.ask('statements', null);
  return statements
    .map((statement) => statement.replace(/^Executing \([^)]*\): /, ''))
    .filter((statement) => statement.startsWith('SELECT'));
}

async function explainAll(client: pg.Client, statements: string[], where: Pick<Lookup, 'users' | 'kind'>) {
  const lookups: Lookup[] = [];
  for (const statement of statements) {
    const what = names.find(([pattern]) => pattern.test(statement))?.[1];
    if (what && !lookups.some((lookup) => lookup.what === what)) {
      lookups.push({ ...where, what, ...(await explain(client, statement)) });
    }
  }
  return lookups;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

async function explain(client: pg.Client, statement: string): Promise<Pick<Lookup, 'ms' | 'plan' | 'blocks'>> {
  const times: number[] = [];
  let root: PlanNode | undefined;
  for (let run = 0; run < RUNS; run++) {
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`);
    const [result] = rows[0]['QUERY PLAN'];
    times.push(result['Planning Time'] + result['Execution Time']);
    root = result.Plan;
  }
  return {
    ms: median(times),
    plan: root ? scansOf(root).join('; ') : '',
    blocks: root ? root['Shared Hit Blocks'] + root['Shared Read Blocks'] : 0,
  };
}

function scansOf(node: PlanNode): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, Plans: below = [] } = node;
  const own = /Scan/.test(type) && (table || index) ? [`${type} ${index ?? table}`] : [];
  return [...own, ...below.flatMap(scansOf)];
}

/** The indexes that these two tables have, as PostgreSQL tells them. */
async function indexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `SELECT indexdef FROM pg_indexes WHERE tablename IN ('users', 'usersAuthenticators') ORDER BY indexdef`,
  );
  return rows.map(({ indexdef }) => indexdef);
}
