import { median, quantile } from 'simple-statistics';
import type { Dialect } from '../testing/nocobase/databases';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import type { Batch, MeasuredServer } from './measured-server';
import { isOwn, type Kind, type SignIns } from './sign-ins';

/** One line of the table: one kind of sign-in, under one condition. */
export interface Row extends Condition {
  /** Sign-ins that were measured. */
  count: number;
  /** Sign-ins a second: of the batches, the median. */
  rate: number;
  /** Milliseconds. p50 is the median of the batches' medians, the others are of all sign-ins. */
  p50: number;
  p95: number;
  p99: number;
  failures: number;
  /** Milliseconds of the server's processor time a sign-in: of the batches, the median. */
  cpu: number;
  /** SQL statements a sign-in: of the batches, the median. */
  statements: number;
  /** Calls and new connections to DingTalk a sign-in. */
  calls: number;
  connections: number;
  /** Milliseconds that DingTalk alone takes for both calls, so many at a time: the same median. */
  dingtalk: number;
  /** Milliseconds of the server's processor time for both calls alone, as bare as they can be: the same median. */
  cpuOfCalls: number;
  /** Of the floor in the same round: the median of the rounds. */
  cpuOfFloor: number;
  /** p50, of what the floor and DingTalk took in the same round: the median of the rounds. */
  latencyOfExpected: number;
  /** p50, of what NocoBase's own sign-in with a password took in the same round: the median of the rounds. */
  latencyOfPassword: number;
}

interface Condition {
  database: Dialect;
  kind: Kind;
  /** Milliseconds that DingTalk waits before it answers. */
  latency: number;
  /** Sign-ins at a time. */
  limit: number;
}

interface Measured extends Batch {
  calls: number;
  connections: number;
  dingtalk: number;
  cpuOfCalls: number;
}

export interface Plan {
  /** How often everything is measured anew. */
  rounds: number;
  /** Sign-ins in a batch. */
  count: number;
  limit: number;
  /** What is measured in each round, beside the floor and a sign-in with a password. */
  what: { kind: Kind; latency: number }[];
}

/**
 * Measures in rounds, each of which begins with the floor and then takes everything else once: what changes about the
 * machine meanwhile changes all of it, and each batch is compared with the floor of its own round.
 */
export async function measureRounds(
  { server, signIns, dingtalk }: { server: MeasuredServer; signIns: SignIns; dingtalk: DingTalk },
  database: Dialect,
  { rounds, count, limit, what }: Plan,
): Promise<Row[]> {
  const own = (['floor', 'password'] as const).map((kind) => ({ kind, latency: 0 }));
  const conditions: Condition[] = [...own, ...what].map((each) => ({
    ...each,
    database,
    limit,
  }));
  const batches = conditions.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { kind, latency }] of conditions.entries()) {
      dingtalk.data.settings.latencyMs = 0;
      const prepared = await signIns.prepare(kind, count);
      dingtalk.data.settings.latencyMs = latency;
      const alone = isOwn(kind) ? NOTHING : await bareCalls(server, signIns, limit, count);
      const [calls, connections] = [dingtalk.calls.length, dingtalk.connections];
      const batch = await server.measure(prepared, limit);
      batches[index].push({
        ...batch,
        calls: dingtalk.calls.length - calls,
        connections: dingtalk.connections - connections,
        ...alone,
      });
    }
  }
  dingtalk.data.settings.latencyMs = 0;
  return conditions.map((condition, index) => ({ ...condition, ...summary(batches[index], batches[0], batches[1]) }));
}

const NOTHING: Pick<Measured, 'dingtalk' | 'cpuOfCalls'> = { dingtalk: 0, cpuOfCalls: 0 };

async function bareCalls(
  server: MeasuredServer,
  signIns: SignIns,
  limit: number,
  count: number,
): Promise<typeof NOTHING> {
  const codes = Array.from({ length: Math.min(count, 2 * limit + 8) }, () => signIns.code());
  const { times, cpu } = await server.ask('bareCalls', { codes, limit });
  return { dingtalk: median(times), cpuOfCalls: cpu };
}

/**
 * @param floor the floor's batches of the same rounds
 * @param password those of NocoBase's own sign-in
 */
export function summary(batches: Measured[], floor: Batch[], password: Batch[]): Omit<Row, keyof Condition> {
  const times = batches.flatMap((batch) => batch.times);
  const over = (value: (batch: Measured, floor: Batch, password: Batch) => number) =>
    median(batches.map((batch, round) => value(batch, floor[round], password[round])));
  const sum = (value: (batch: Measured) => number) => batches.reduce((total, batch) => total + value(batch), 0);
  return {
    count: times.length,
    rate: over(({ rate }) => rate),
    p50: over((batch) => median(batch.times)),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    failures: sum(({ failures }) => failures),
    cpu: over(({ cpu }) => cpu),
    statements: over(({ statements }) => statements),
    calls: sum(({ calls }) => calls) / times.length,
    connections: sum(({ connections }) => connections) / times.length,
    dingtalk: over(({ dingtalk }) => dingtalk),
    cpuOfCalls: over(({ cpuOfCalls }) => cpuOfCalls),
    cpuOfFloor: over((batch, ofFloor) => batch.cpu / ofFloor.cpu),
    latencyOfExpected: over((batch, ofFloor) => median(batch.times) / (median(ofFloor.times) + batch.dingtalk)),
    latencyOfPassword: over((batch, _, ofPassword) => median(batch.times) / median(ofPassword.times)),
  };
}
