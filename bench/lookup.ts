/**
 * How long PostgreSQL takes to find a person among many users, and by what plan: by unionId, by a usual spelling of the
 * phone number, by an unusual one.
 */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { anySpelling, phoneOf, usualSpellings } from '../src/server/phone';

const RUNS = 20;
const SIZES = [100, 10_000, 100_000, 1_000_000];

/** NocoBase's two tables, with the indexes that they have in a NocoBase 2.2.15 with this plugin. */
const TABLES = `
  CREATE TABLE users (id bigserial PRIMARY KEY, nickname varchar(255), phone varchar(255) UNIQUE);
  CREATE TABLE "usersAuthenticators" (
    uuid varchar(255) NOT NULL, authenticator varchar(255), "userId" bigint, PRIMARY KEY (authenticator, "userId")
  );
  CREATE INDEX users_authenticators_uuid ON "usersAuthenticators" (uuid); -- this plugin's
`;

export interface Lookup {
  users: number;
  by: string;
  /** Milliseconds, median. */
  median: number;
  /** The scan that the planner chose, by table. */
  plan: string;
}

const phone = phoneOf({ mobile: '13900000001', stateCode: '86' });

const questions = phone && [
  {
    by: 'unionId',
    sql: `SELECT u.* FROM users u JOIN "usersAuthenticators" a ON u.id = a."userId"
          WHERE a.authenticator = 'dingtalk' AND a.uuid IN ('union-7')`,
    values: [],
  },
  { by: 'usual spelling', sql: 'SELECT * FROM users WHERE phone = ANY($1) LIMIT 100', values: [usualSpellings(phone)] },
  { by: 'any spelling', sql: 'SELECT * FROM users WHERE phone LIKE $1 LIMIT 100', values: [anySpelling(phone)] },
];

/** Fills a database of its own with users, and drops it again. */
export async function measureLookups(url: string, sizes = SIZES): Promise<Lookup[]> {
  const name = `auth_dingtalk_bench_${process.pid}`;
  const server = new pg.Client(url);
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  const client = new pg.Client(Object.assign(new URL(url), { pathname: `/${name}` }).href);
  await client.connect();
  try {
    await client.query(TABLES);
    const lookups: Lookup[] = [];
    for (const users of sizes) {
      await fill(client, users);
      for (const { by, sql, values } of questions ?? []) {
        lookups.push({ users, by, median: await median(client, sql, values), plan: await planOf(client, sql, values) });
      }
    }
    return lookups;
  } finally {
    await client.end();
    await server.query(`DROP DATABASE ${name}`);
    await server.end();
  }
}

async function fill(client: pg.Client, users: number) {
  await client.query('TRUNCATE users, "usersAuthenticators" RESTART IDENTITY');
  await client.query(
    `INSERT INTO users (nickname, phone) SELECT 'User ' || n, '13' || lpad((n + 1000)::text, 9, '0') FROM generate_series(1, $1) n`,
    [users],
  );
  await client.query(
    `INSERT INTO "usersAuthenticators" (uuid, authenticator, "userId") SELECT 'union-' || id, 'dingtalk', id FROM users`,
  );
  await client.query('ANALYZE');
}

async function median(client: pg.Client, sql: string, values: unknown[]): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    await client.query(sql, values);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[RUNS / 2];
}

async function planOf(client: pg.Client, sql: string, values: unknown[]): Promise<string> {
  const { rows } = await client.query(`EXPLAIN ${sql}`, values);
  const lines: string[] = rows.map((row) => row['QUERY PLAN']);
  return lines.flatMap((line) => line.match(/\w+(?: \w+)? Scan.* on "?\w+"?/)?.[0] ?? []).join('; ');
}
