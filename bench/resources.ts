import type { Dialect } from '../testing/nocobase/databases';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import type { MeasuredServer } from './measured-server';
import type { Kind, SignIns } from './sign-ins';

/** Connections to DingTalk that a server opened which had none before. */
export interface Connections {
  database: Dialect;
  signIns: number;
  opened: number;
}

const IN_A_ROW = 100;

/** To be asked before anything else speaks to DingTalk. */
export async function countConnections(
  server: MeasuredServer,
  signIns: SignIns,
  dingtalk: DingTalk,
  database: Dialect,
): Promise<Connections> {
  const before = dingtalk.connections;
  const { failures } = await server.measure(await signIns.prepare('new user', IN_A_ROW), 1);
  if (failures) {
    throw new Error(`${failures} of ${IN_A_ROW} sign-ins failed`);
  }
  return { database, signIns: IN_A_ROW, opened: dingtalk.connections - before };
}

const BATCH = 500;
const AT_A_TIME = 20;

/** What stays in the memory of the server after many sign-ins. */
export interface Memory {
  kind: Kind;
  signIns: number;
  failures: number;
  /** MiB after a garbage collection. */
  before: number;
  after: number;
}

export async function measureMemory(
  server: MeasuredServer,
  signIns: SignIns,
  kind: Kind,
  count: number,
): Promise<Memory> {
  const before = await settledHeap(server);
  let failures = 0;
  for (let done = 0; done < count; done += BATCH) {
    const prepared = await signIns.prepare(kind, Math.min(BATCH, count - done));
    failures += (await server.measure(prepared, AT_A_TIME)).failures;
  }
  return { kind, signIns: count, failures, before, after: await settledHeap(server) };
}

async function settledHeap(server: MeasuredServer): Promise<number> {
  await server.ask('collect', null);
  return (await server.ask('collect', null)).heap;
}
