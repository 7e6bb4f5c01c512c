import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { atATime } from '../src/server/__tests__/support/at-a-time';
import type { Dialect } from '../src/server/__tests__/support/databases';
import type { Started, Stats } from './server';

export interface Figures {
  /** Sign-ins a second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  failures: number;
  /** Milliseconds of the server's processor time a sign-in. */
  cpu: number;
  /** SQL statements a sign-in. */
  statements: number;
}

export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly started: Started,
  ) {}

  static async start(dialect: Dialect, env: Record<string, string>): Promise<Server> {
    const child = fork(path.join(__dirname, 'server.ts'), [dialect], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [started] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the server did not start'))),
    ]);
    return new Server(child, started as Started);
  }

  async stats(): Promise<Stats> {
    const answer = once(this.process, 'message');
    this.process.send('stats');
    return (await answer)[0] as Stats;
  }

  async stop() {
    const gone = once(this.process, 'exit');
    this.process.send('stop');
    await gone;
  }

  /** Runs every one of these sign-ins, so many at a time, and watches the server. */
  async measure(signIns: (() => Promise<Response>)[], limit: number): Promise<Figures> {
    const before = await this.stats();
    const began = performance.now();
    const times: number[] = [];
    let failures = 0;
    await atATime(limit, signIns, async (signIn) => {
      const from = performance.now();
      const response = await signIn();
      await response.arrayBuffer();
      times.push(performance.now() - from);
      failures += response.ok ? 0 : 1;
    });
    const seconds = (performance.now() - began) / 1000;
    const after = await this.stats();
    times.sort((a, b) => a - b);
    const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    return {
      rate: signIns.length / seconds,
      p50: percentile(0.5),
      p95: percentile(0.95),
      p99: percentile(0.99),
      failures,
      cpu: (after.cpu - before.cpu) / signIns.length,
      statements: (after.statements - before.statements) / signIns.length,
    };
  }
}
