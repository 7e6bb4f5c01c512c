import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sqlite3 from 'sqlite3';
import type { Environment } from './environment';
import { NOCOBASE_APP, readPackageJson, STATE } from './paths';

/** A database and its uploads, kept so that further instances can begin with a copy of them. */
export function templateFolder(name: string): string {
  return path.join(STATE, 'template', `${readPackageJson(NOCOBASE_APP).version}-${name}`);
}

const PLUGINS = 'plugins.json';

/** The packages of NocoBase's plugins that an instance with this database can do with, if not all. */
export async function pluginsOf(name: string): Promise<readonly string[] | undefined> {
  const file = path.join(templateFolder(name), PLUGINS);
  return (await exists(file)) ? JSON.parse(await readFile(file, 'utf8')) : undefined;
}

/** As NocoBase installs itself. */
export const FRESH = 'fresh';

export async function copyTemplate(name: string, env: Environment): Promise<boolean> {
  const template = templateFolder(name);
  if (!(await exists(template))) {
    return false;
  }
  await cp(path.join(template, 'uploads'), env.LOCAL_STORAGE_DEST, { recursive: true });
  await cp(path.join(template, 'nocobase.sqlite'), env.DB_STORAGE);
  return true;
}

/** @param plugins see `pluginsOf` */
export async function saveTemplate(name: string, env: Environment, plugins?: readonly string[]): Promise<void> {
  const template = templateFolder(name);
  if (await exists(template)) {
    return;
  }
  // Made aside and renamed: another process may be doing the same.
  const aside = `${template}.${randomUUID()}.tmp`;
  await mkdir(aside, { recursive: true });
  await cp(env.LOCAL_STORAGE_DEST, path.join(aside, 'uploads'), { recursive: true });
  if (plugins) {
    await writeFile(path.join(aside, PLUGINS), JSON.stringify(plugins));
  }
  // A consistent copy of a database that a server has open.
  await runSql(env.DB_STORAGE, 'VACUUM INTO ?', path.join(aside, 'nocobase.sqlite'));
  await rename(aside, template).catch(() => rm(aside, { recursive: true, force: true }));
}

/** Runs one statement on a SQLite file. */
export function runSql(file: string, statement: string, ...values: unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(file, sqlite3.OPEN_READWRITE);
    database.configure('busyTimeout', 10_000);
    database.run(statement, values, (error) => database.close(() => (error ? reject(error) : resolve())));
  });
}

export function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
