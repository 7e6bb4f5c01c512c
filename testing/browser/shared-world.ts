import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import sqlite3 from 'sqlite3';
import { isAlive, withLock } from '../../dev/lock';
import { serverAt } from '../../dev/nocobase-process';
import { packPlugin } from '../../dev/pack';
import { ROOT, STATE } from '../../dev/paths';
import { freePort, isPortFree } from '../../dev/ports';
import { templateFolder } from '../../dev/template';
import { until } from '../../dev/until';
import { type Note, readNote, writeNote } from './keeper-note';
import { templateWith } from './templates';
import { administer, startSurroundings, type World } from './world';

const WORLDS = path.join(STATE, 'worlds');
/** A run of single test files keeps its NocoBase for the next run; `npm test` leaves nothing behind. */
const IDLE_MINUTES = process.env.npm_lifecycle_event === 'test:browser' && !process.env.CI ? 10 : 0;

/**
 * A world with the plugin, in which everybody may be the first to visit v2. Its NocoBase stays for the test files that
 * the same process runs afterwards; each of them finds the database as the first one did.
 */
export async function startSharedWorld(): Promise<World> {
  const plugin = await packPlugin();
  const template = await templateWith(plugin);
  const file = await withLock('worlds', () => claim(plugin, template));
  await until('the shared NocoBase has started', async () => Boolean(readNote(file).server), {
    hopeless: () => readNote(file).failure ?? (isAlive(readNote(file).keeper ?? 0) ? undefined : 'its keeper ended'),
  });
  const { server, dir, emulatorPort } = readNote(file);
  if (!server) {
    throw new Error('The shared NocoBase has no address.');
  }
  await restoreRows(path.join(dir, 'storage', 'db', 'nocobase.sqlite'), templateFolder(template));
  const surroundings = await startSurroundings({ emulatorPort, profile: `${file}.profile` });
  try {
    const nocobase = serverAt(server);
    return { ...surroundings, nocobase, ...(await administer(nocobase)) };
  } catch (error) {
    await surroundings.stop();
    throw error;
  }
}

/** Finds a NocoBase with this plugin that no process uses, or begins to start one. Returns its note. */
async function claim(plugin: string, template: string): Promise<string> {
  fs.mkdirSync(WORLDS, { recursive: true });
  for (let number = 1; ; number++) {
    const file = path.join(WORLDS, `${number}.json`);
    const note = fs.existsSync(file) ? readNote(file) : undefined;
    const runs = note?.keeper !== undefined && isAlive(note.keeper);
    if (note && runs && note.user !== process.pid && isAlive(note.user)) {
      continue;
    }
    if (note && runs && note.template === template && !note.failure) {
      writeNote(file, { ...note, user: process.pid, idleMinutes: IDLE_MINUTES });
      return file;
    }
    if (note?.keeper !== undefined && runs) {
      await end(note.keeper);
    }
    await start(file, { plugin, template, dir: path.join(WORLDS, String(number)) }, note);
    return file;
  }
}

async function start(file: string, what: Pick<Note, 'plugin' | 'template' | 'dir'>, last?: Note): Promise<void> {
  fs.rmSync(what.dir, { recursive: true, force: true });
  // What the browser's profile has in its cache is under the addresses of the last time.
  const port = await portAgain(last?.port);
  const emulatorPort = await portAgain(last?.emulatorPort);
  const note = { ...what, port, emulatorPort, user: process.pid, idleMinutes: IDLE_MINUTES };
  writeNote(file, note);
  const script = path.join(ROOT, 'testing', 'browser', 'keeper.ts');
  const args = ['--import', 'tsx', script, file];
  const keeper = spawn(process.execPath, args, { cwd: ROOT, detached: true, stdio: 'ignore' });
  keeper.unref();
  writeNote(file, { ...note, keeper: keeper.pid });
}

async function portAgain(port: number | undefined): Promise<number> {
  return port !== undefined && (await isPortFree(port)) ? port : freePort();
}

async function end(keeper: number): Promise<void> {
  process.kill(keeper, 'SIGTERM');
  await until('a NocoBase of an older plugin ends', async () => !isAlive(keeper));
}

/**
 * Brings every table back to the template's rows while NocoBase runs. The counters of ids are left as they are: what
 * NocoBase remembers of a user who is gone must not meet a new user with the same id.
 */
async function restoreRows(database: string, template: string): Promise<void> {
  const connection = new sqlite3.Database(database);
  connection.configure('busyTimeout', 10_000);
  const run = (sql: string) =>
    new Promise<void>((resolve, reject) => connection.exec(sql, (error) => (error ? reject(error) : resolve())));
  const all = (sql: string) =>
    new Promise<{ name: string }[]>((resolve, reject) =>
      connection.all(sql, (error: Error | null, rows: { name: string }[]) => (error ? reject(error) : resolve(rows))),
    );
  try {
    await run(`ATTACH '${path.join(template, 'nocobase.sqlite').replaceAll("'", "''")}' AS template`);
    const tables = await all(
      "SELECT name FROM template.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    const copies = tables.map(
      ({ name }) => `DELETE FROM "${name}"; INSERT INTO "${name}" SELECT * FROM template."${name}";`,
    );
    await run(`BEGIN IMMEDIATE; ${copies.join(' ')} COMMIT;`);
  } finally {
    await new Promise<void>((resolve) => connection.close(() => resolve()));
  }
}
