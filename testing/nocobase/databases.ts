import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { IDatabaseOptions } from '@nocobase/database';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type sqlite3 from 'sqlite3';
import { onceOfAll } from '../nightly';

/** A new and empty database for one NocoBase. */
export interface TestDatabase {
  options: IDatabaseOptions;
  drop(): Promise<void>;
}

export type Dialect = 'sqlite' | ServerDialect;
type ServerDialect = 'postgres' | 'mysql';

const SERVERS: readonly ServerDialect[] = ['postgres', 'mysql'];

const urls = { postgres: process.env.TEST_POSTGRES_URL, mysql: process.env.TEST_MYSQL_URL };

/**
 * Tests on each database. On SQLite everywhere; those on a database that is not named in the environment are skipped,
 * which fails a run in CI, see lane-reporter.js.
 */
export function describeOnEachDatabase(name: string, tests: (dialect: Dialect) => void): void {
  describeOn(SERVERS, name, tests);
}

/**
 * The same for tests whose subject is not the database. A push runs them on SQLite and on the one that is named, where a
 * fault is likelier; the long lane runs them on all.
 */
export const describeOnSqliteAnd =
  (pushed: ServerDialect) =>
  (name: string, tests: (dialect: Dialect) => void): void =>
    describeOn(onceOfAll(pushed, SERVERS), name, tests);

function describeOn(servers: readonly ServerDialect[], name: string, tests: (dialect: Dialect) => void): void {
  describe(`${name}, on sqlite`, () => tests('sqlite'));
  for (const dialect of servers) {
    const describeIfReachable = urls[dialect] ? describe : describe.skip;
    describeIfReachable(`${name}, on ${dialect}`, () => tests(dialect));
  }
}

/** Tests on MySQL alone, or none. */
export const describeOnMysql = (name: string, tests: () => void): void =>
  (urls.mysql ? describe : describe.skip)(name, tests);

/**
 * A test waits for no disk: nothing here outlives a failure of power. A measurement of bench/ writes as a server does.
 */
const isDurable = process.env.JEST_WORKER_ID === undefined;

/**
 * @param charset of MySQL, for tables that do not hold every character
 * @param prefix of the name that it gets
 */
export async function createDatabase(
  dialect: Dialect,
  charset?: 'utf8mb3',
  prefix = 'auth_dingtalk',
): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  if (dialect === 'sqlite') {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
    return {
      options: {
        dialect,
        storage: path.join(folder, 'nocobase.sqlite'),
        logging: false,
        ...(!isDurable && { hooks: { afterConnect: writeWithoutWaiting } }),
      },
      drop: async () => fs.rmSync(folder, { recursive: true }),
    };
  }
  const url = new URL(urls[dialect] ?? '');
  const run = dialect === 'postgres' ? runOnPostgres : runOnMysql;
  await run(url, `CREATE DATABASE ${name}${charset ? ` CHARACTER SET ${charset}` : ''}`);
  if (dialect === 'postgres' && !isDurable) {
    await run(url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
  }
  return {
    options: {
      dialect,
      host: url.hostname,
      port: Number(url.port) || undefined,
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: name,
      logging: false,
    },
    drop: () => run(url, `DROP DATABASE ${name}`),
  };
}

/** On a connection of SQLite. */
function writeWithoutWaiting(connection: unknown): void {
  (connection as sqlite3.Database).exec('PRAGMA synchronous = OFF');
}

async function runOnPostgres(url: URL, statement: string) {
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function runOnMysql(url: URL, statement: string) {
  const connection = await mysql.createConnection(url.href);
  await connection.query(statement);
  await connection.end();
}
