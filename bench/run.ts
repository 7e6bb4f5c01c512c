/** What every bench does, whatever it measures: it reads the command line, says how far it is, and notes its conditions. */
import type { Dialect } from '../testing/nocobase/databases';
import { describeMachine, isBusy, load } from './machine';
import type { Conditions } from './report';

export const isAsked = (flag: string): boolean => process.argv.includes(flag);

/** Whether a short trial is enough. */
export const quick = isAsked('--quick');

/** The addresses of databases; SQLite has none. */
export const urls = { postgres: process.env.TEST_POSTGRES_URL, mysql: process.env.TEST_MYSQL_URL };

const began = Date.now();

export const progress = (text: string): void =>
  void process.stderr.write(`[${Math.round((Date.now() - began) / 1000)} s] ${text}\n`);

/** Those that are there, or the one of them that `--only` names. */
export function databasesToMeasure(): Dialect[] {
  const only = isAsked('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
  const isThere = (database: Dialect) => database === 'sqlite' || Boolean(urls[database]);
  const all: Dialect[] = ['sqlite', 'postgres', 'mysql'];
  for (const database of all.filter((each) => !isThere(each))) {
    progress(`SKIPPED: ${database}; set TEST_${database.toUpperCase()}_URL to measure it.`);
  }
  return all.filter((database) => isThere(database) && (only === undefined || only === database));
}

/**
 * Looks at the machine before anything is measured, and warns if it is busy.
 *
 * @returns what tells the conditions of the whole run, when all is measured
 */
export async function watchConditions(databases: Partial<typeof urls>): Promise<() => Conditions> {
  const atBegin = load();
  const busy = isBusy(atBegin);
  if (busy) {
    progress(
      `WARNING: the load is ${atBegin.toFixed(1)}. The machine does other work, and the times will tell little.`,
    );
  }
  const machine = await describeMachine(databases.postgres, databases.mysql);
  return () => ({
    at: new Date(began).toISOString(),
    minutes: Math.round((Date.now() - began) / 60_000),
    quick,
    machine,
    load: { begin: atBegin, end: load() },
    busy,
  });
}
