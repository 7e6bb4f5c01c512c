/**
 * `npx tsx bench/signed-in.ts`: what every request of a signed-in user costs more, as it is asked whether the session has
 * ended, against NocoBase's own check of the token in the same process, by turns. It takes the
 * variables that testing/nocobase/jest-environment.js sets.
 */
import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import type { Dialect } from '../testing/nocobase/databases';
import { type NocoBase, startNocoBase } from '../testing/nocobase/nocobase';
import { Session } from '../testing/nocobase/session';
import { databasesToMeasure } from './run';

const ROUNDS = 20;
const REQUESTS = 100;

/** Of one request. */
interface Measured {
  ms: number;
  statements: number;
}

async function measure(node: NocoBase, token: string): Promise<Measured> {
  const query = node.db.sequelize.query.bind(node.db.sequelize);
  let statements = 0;
  node.db.sequelize.query = ((...args: Parameters<typeof query>) => {
    statements += 1;
    return query(...args);
  }) as typeof query;
  const began = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const response = await fetch(`${node.url}/api/auth:check`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    if (!response.ok) {
      throw new Error(`auth:check: ${response.status}`);
    }
  }
  const ms = (performance.now() - began) / REQUESTS;
  node.db.sequelize.query = query;
  return { ms, statements: statements / REQUESTS };
}

async function compare(dialect: Dialect) {
  const node = await startNocoBase(dialect);
  try {
    const { authManager } = node.app;
    // The plugin has put its own in the place of NocoBase's, which is the least that a check costs.
    const checks = { floor: Object.getPrototypeOf(authManager).get as typeof authManager.get, ours: authManager.get };
    const { token } = await Session.of(node, await node.addUser({ nickname: 'Li' }));
    const found = { floor: [] as Measured[], ours: [] as Measured[] };
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const name of ['floor', 'ours'] as const) {
        authManager.get = checks[name];
        found[name].push(await measure(node, token));
      }
    }
    const row = (rounds: Measured[]) => ({
      ms: Number(median(rounds.slice(1).map(({ ms }) => ms)).toFixed(3)),
      statements: rounds[ROUNDS].statements,
    });
    const more = median(found.ours.map(({ ms }, index) => ms - found.floor[index].ms).slice(1));
    return { database: dialect, floor: row(found.floor), ours: row(found.ours), more: Number(more.toFixed(3)) };
  } finally {
    await node.stop();
  }
}

async function main() {
  for (const dialect of databasesToMeasure()) {
    process.stdout.write(`${JSON.stringify(await compare(dialect))}\n`);
  }
  process.exit(0);
}

void main();
