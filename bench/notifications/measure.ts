import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Emulator, startEmulator } from '../../emulator';
import type { Dialect } from '../../testing/nocobase/databases';
import { AskedProcess } from '../asked-process';
import { hostsAt } from '../measured-server';
import { environmentOf } from '../environment';
import type { Cost, Questions } from './process';

/** What was sent: one message to many, or many messages to one each. */
export type Kind = 'one message' | 'one each';

/** What it took. */
export interface Row {
  database: Dialect;
  kind: Kind;
  /** Milliseconds of each answer of DingTalk. */
  latency: number;
  messages: number;
  people: number;
  /** Calls that sent. */
  calls: number;
  seconds: number;
  statements: number;
  memory: number;
  /** Statements that looked up the receivers of one message. */
  lookUp: number;
}

/**
 * The emulator keeps the directory of a company that is larger than 2,000. Of a smaller one it makes it anew for each call,
 * which would count as time of ours.
 */
const OTHERS = 2000;

const isSending = (at: string) => at.endsWith('/asyncsend_v2');

/** One database, in an emulator and a NocoBase of its own, both of which are gone afterwards. */
export async function measureDatabase(
  database: Dialect,
  { people, messages, latencies }: { people: number; messages: number; latencies: number[] },
  report: (row: Row) => void,
): Promise<void> {
  const dingtalk = await startEmulator();
  const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-storage-'));
  try {
    const [{ corpId, agentId }] = dingtalk.data.apps;
    const nocobase = await AskedProcess.start<Questions, null>(path.join(__dirname, 'process.ts'), {
      args: [database, corpId, String(agentId)],
      env: { ...hostsAt(dingtalk.url), ...environmentOf(storage) },
    });
    try {
      const addAccounts = (length: number) => Array.from({ length }, () => dingtalk.addAccount());
      const accounts = addAccounts(people);
      addAccounts(OTHERS);
      await nocobase.ask(
        'prepare',
        accounts.map(({ unionId, memberships: [{ userid }] }) => ({ unionId, userid })),
      );
      // Nobody is measured without a token, or with a connection that is not there yet.
      await nocobase.ask('send', { messages: 1, people: 1 });
      for (const latency of latencies) {
        for (const plan of [
          { kind: 'one message', messages: 1, people },
          { kind: 'one each', messages, people: 1 },
        ] as const) {
          const lookUp = await nocobase.ask('lookUp', plan.people);
          dingtalk.data.settings.latencyMs = latency;
          const from = dingtalk.calls.length;
          const cost = await nocobase.ask('send', plan);
          requireDelivered(dingtalk, cost, plan.messages * plan.people);
          const calls = dingtalk.calls.slice(from).filter(({ path: at }) => isSending(at)).length;
          dingtalk.notifications.clear();
          const { seconds, statements, memory } = cost;
          report({ database, ...plan, latency, calls, seconds, statements, memory, lookUp });
          dingtalk.data.settings.latencyMs = 0;
          // So many calls are allowed in a second: the next plan would wait for those of this one.
          await new Promise((resolve) => setTimeout(resolve, 1500));
        }
      }
    } finally {
      await nocobase.stop();
    }
  } finally {
    await dingtalk.close();
    fs.rmSync(storage, { recursive: true, force: true });
  }
}

/** What did not arrive would be measured for nothing. */
function requireDelivered(dingtalk: Emulator, { answers }: Cost, expected: number): void {
  const delivered = dingtalk.notifications.all().length;
  if (delivered < expected) {
    throw new Error(
      `${delivered} of ${expected} were delivered: ${answers.find(({ status }) => status !== 'success')?.reason ?? answers[0]?.reason}`,
    );
  }
}
