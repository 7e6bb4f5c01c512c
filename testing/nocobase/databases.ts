import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { IDatabaseOptions } from '@nocobase/database';
import mysql from 'mysql2/promise';
import pg from 'pg';

/** A new and empty database for one NocoBase. */
export interface TestDatabase {
  options: IDatabaseOptions;
  drop(): Promise<void>;
}

export type Dialect = 'sqlite' | 'postgres' | 'mysql';

const urls = { postgres: process.env.TEST_POSTGRES_URL, mysql: process.env.TEST_MYSQL_URL };

/**
 * Tests on each database. On SQLite everywhere; those on a database that is not named in the environment are skipped,
 * which fails a run in CI, see lane-reporter.js.
 */
export function describeOnEachDatabase(name: string, tests: (dialect: Dialect) => void): void {
  describe(`${name}, on sqlite`, () => tests('sqlite'));
  for (const dialect of ['postgres', 'mysql'] as const) {
    const describeIfReachable = urls[dialect] ? describe : describe.skip;
    describeIfReachable(`${name}, on ${dialect}`, () => tests(dialect));
  }
}

/** Tests on MySQL alone, or none. */
export const describeOnMysql = (name: string, tests: () => void): void =>
  (urls.mysql ? describe : describe.skip)(name, tests);

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
      options: { dialect, storage: path.join(folder, 'nocobase.sqlite'), logging: false },
      drop: async () => fs.rmSync(folder, { recursive: true }),
    };
  }
  const url = new URL(urls[dialect] ?? '');
  const run = dialect === 'postgres' ? runOnPostgres : runOnMysql;
  await run(url, `CREATE DATABASE ${name}${charset ? ` CHARACTER SET ${charset}` : ''}`);
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
