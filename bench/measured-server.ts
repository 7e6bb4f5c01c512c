import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { atATime } from '../testing/nocobase/at-a-time';
import type { Dialect } from '../testing/nocobase/databases';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import { AskedProcess } from './asked-process';
import { environmentOf } from './environment';
import type { Questions, Started } from './measured-process';

/** One sign-in, prepared so that nothing but its last request is measured. */
export type SignIn = () => Promise<Response>;

/** What some sign-ins took. */
export interface Batch {
  /** Milliseconds, one for each sign-in. */
  times: number[];
  /** Sign-ins a second. */
  rate: number;
  failures: number;
  /** Milliseconds of the server's processor time a sign-in. */
  cpu: number;
  /** SQL statements a sign-in. */
  statements: number;
}

/** The measured process, as the process that measures sees it. */
export class MeasuredServer {
  private constructor(
    private readonly process: AskedProcess<Questions, Started>,
    /** Folder of its files and logs. */
    private readonly storage: string,
  ) {}

  static async start(dialect: Dialect, { url, corpId }: DingTalk): Promise<MeasuredServer> {
    const storage = await mkdtemp(path.join(tmpdir(), 'bench-'));
    const started = AskedProcess.start<Questions, Started>(path.join(__dirname, 'measured-process.ts'), {
      args: [dialect, corpId],
      env: { ...hostsAt(url), ...environmentOf(storage) },
    });
    return new MeasuredServer(await started, storage);
  }

  get started(): Started {
    return this.process.started;
  }

  ask<Q extends keyof Questions>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    return this.process.ask(question, asked);
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await rm(this.storage, { recursive: true, force: true });
  }

  /** Runs every one of these sign-ins, so many at a time, and watches the server. */
  async measure(signIns: SignIn[], limit: number): Promise<Batch> {
    await this.ask('collect', null);
    const before = await this.ask('stats', null);
    const began = performance.now();
    let failures = 0;
    const times = await atATime(limit, signIns, async (signIn) => {
      const from = performance.now();
      const response = await signIn();
      await response.arrayBuffer();
      failures += response.ok ? 0 : 1;
      return performance.now() - from;
    });
    const seconds = (performance.now() - began) / 1000;
    const after = await this.ask('stats', null);
    return {
      times,
      rate: signIns.length / seconds,
      failures,
      cpu: (after.cpu - before.cpu) / signIns.length,
      statements: (after.statements - before.statements) / signIns.length,
    };
  }
}

/** Points the plugin of a process to an emulator. */
export const hostsAt = (url: string) => ({
  DINGTALK_LOGIN_URL: url,
  DINGTALK_API_URL: url,
  DINGTALK_OAPI_URL: url,
});
