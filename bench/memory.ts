import type { Server } from './measure';
import type { Kind, SignIns } from './sign-ins';

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

export async function measureMemory(server: Server, signIns: SignIns, kind: Kind, count: number): Promise<Memory> {
  const before = await settledHeap(server);
  let failures = 0;
  for (let done = 0; done < count; done += BATCH) {
    const prepared = await signIns.prepare(kind, Math.min(BATCH, count - done));
    failures += (await server.measure(prepared, AT_A_TIME)).failures;
  }
  return { kind, signIns: count, failures, before, after: await settledHeap(server) };
}

async function settledHeap(server: Server): Promise<number> {
  await server.ask('collect', null);
  return (await server.ask('collect', null)).heap;
}
