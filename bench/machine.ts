import fs from 'node:fs';
import os from 'node:os';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { readPackageJson, NOCOBASE_APP } from '../dev/paths';

/** Load for each processor beyond which a measurement is not to be trusted. */
const BUSY = 0.5;

export interface Machine {
  processor: string;
  processors: number;
  /** GiB. */
  memory: number;
  system: string;
  node: string;
  nocobase: string;
  sqlite: string;
  postgres?: string;
  /** With its name: the same variable may stand for MySQL and MariaDB. */
  mysql?: string;
}

export async function describeMachine(postgres: string | undefined, mysqlUrl?: string): Promise<Machine> {
  const processors = os.cpus();
  return {
    processor: processors[0].model.trim(),
    processors: processors.length,
    memory: Math.round(os.totalmem() / 2 ** 30),
    system: `${systemName()}, ${os.type()} ${os.release()}`,
    node: process.version,
    nocobase: readPackageJson(NOCOBASE_APP).version,
    sqlite: await sqliteVersion(),
    postgres: postgres && (await postgresVersion(postgres)),
    mysql: mysqlUrl && (await mysqlVersion(mysqlUrl)),
  };
}

/** The processes that wanted a processor, on average over the last minute. */
export const load = () => os.loadavg()[0];

export const isBusy = (atBegin: number) => atBegin > BUSY * os.cpus().length;

function systemName(): string {
  const file = '/etc/os-release';
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  return /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1] ?? os.platform();
}

async function sqliteVersion(): Promise<string> {
  const { default: sqlite3 } = await import('sqlite3');
  return sqlite3.VERSION;
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query('SHOW server_version');
  await client.end();
  return rows[0].server_version;
}

async function mysqlVersion(url: string): Promise<string> {
  const connection = await mysql.createConnection(url);
  const [rows] = await connection.query('SELECT version() AS version');
  await connection.end();
  const [{ version }] = rows as { version: string }[];
  return /^([\d.]+).*MariaDB/.test(version) ? `MariaDB ${/^[\d.]+/.exec(version)?.[0]}` : `MySQL ${version}`;
}
