import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { atATime } from '../testing/nocobase/at-a-time';
import type { Dialect } from '../testing/nocobase/databases';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import type { Asked, Question, Questions, Started } from './measured-process';

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
    private readonly process: ChildProcess,
    readonly started: Started,
  ) {}

  static async start(dialect: Dialect, dingtalk: DingTalk): Promise<MeasuredServer> {
    const { url } = dingtalk;
    const child = fork(path.join(__dirname, 'measured-process.ts'), [dialect, dingtalk.corpId], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { ...process.env, DINGTALK_LOGIN_URL: url, DINGTALK_API_URL: url, DINGTALK_OAPI_URL: url },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new MeasuredServer(child, (await answerOf(child)) as Started);
  }

  async ask<Q extends Question>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    const answer = answerOf(this.process);
    const message: Asked = { question, asked };
    this.process.send(message);
    return (await answer) as Questions[Q]['answer'];
  }

  async stop() {
    const gone = once(this.process, 'exit');
    const message: Asked = { question: 'stop', asked: null };
    this.process.send(message);
    await gone;
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

async function answerOf(child: ChildProcess): Promise<unknown> {
  const noMore = new AbortController();
  const { signal } = noMore;
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => Promise.reject(new Error('the measured server ended'))),
    ]);
    return answer;
  } finally {
    noMore.abort();
  }
}
