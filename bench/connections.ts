import type { Dialect } from '../testing/nocobase/databases';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import type { Server } from './measure';
import type { SignIns } from './sign-ins';

/** Connections to DingTalk that a server opened which had none before. */
export interface Connections {
  database: Dialect;
  signIns: number;
  opened: number;
}

const IN_A_ROW = 100;

/** To be asked before anything else speaks to DingTalk. */
export async function countConnections(
  server: Server,
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
