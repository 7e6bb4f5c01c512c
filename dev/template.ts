import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sqlite3 from 'sqlite3';
import type { Environment } from './environment';
import { NOCOBASE_APP, readPackageJson, STATE } from './paths';

/** A freshly installed SQLite database, kept so that further instances need not install their own. */
function templateFolder(): string {
  return join(STATE, 'template', readPackageJson(NOCOBASE_APP).version);
}

export async function copyTemplate(env: Environment): Promise<boolean> {
  const template = templateFolder();
  if (!(await exists(template))) return false;
  await cp(join(template, 'uploads'), env.LOCAL_STORAGE_DEST, { recursive: true });
  await cp(join(template, 'nocobase.sqlite'), env.DB_STORAGE);
  return true;
}

export async function saveTemplate(env: Environment): Promise<void> {
  const template = templateFolder();
  if (await exists(template)) return;
  // Made aside and renamed: another process may be doing the same.
  const aside = `${template}.${process.pid}.tmp`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await cp(env.LOCAL_STORAGE_DEST, join(aside, 'uploads'), { recursive: true });
  await snapshot(env.DB_STORAGE, join(aside, 'nocobase.sqlite'));
  await mkdir(dirname(template), { recursive: true });
  await rename(aside, template).catch(() => rm(aside, { recursive: true, force: true }));
}

/** A consistent copy of a database that a server has open. */
function snapshot(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(from, sqlite3.OPEN_READONLY);
    database.configure('busyTimeout', 10_000);
    database.run('VACUUM INTO ?', to, (error) => database.close(() => (error ? reject(error) : resolve())));
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
