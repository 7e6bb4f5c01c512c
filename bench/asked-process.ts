import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process is asked, by name, and what it answers. */
type QuestionsOf<T> = { [Q in keyof T]: { asked: unknown; answer: unknown } };

/** What the processes send each other. */
export interface Asked {
  question: string;
  asked: unknown;
}

/** A process that is measured, as the process that measures sees it: it does nothing but what it is asked. */
export class AskedProcess<Questions extends QuestionsOf<Questions> & { stop: { asked: null; answer: null } }, Started> {
  private constructor(
    private readonly process: ChildProcess,
    readonly started: Started,
  ) {}

  static async start<Questions extends QuestionsOf<Questions> & { stop: { asked: null; answer: null } }, Started>(
    file: string,
    { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
  ): Promise<AskedProcess<Questions, Started>> {
    const child = fork(file, args, {
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new AskedProcess<Questions, Started>(child, (await answerOf(child)) as Started);
  }

  async ask<Q extends keyof Questions & string>(
    question: Q,
    asked: Questions[Q]['asked'],
  ): Promise<Questions[Q]['answer']> {
    const answer = answerOf(this.process);
    this.send({ question, asked });
    return (await answer) as Questions[Q]['answer'];
  }

  async stop(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.send({ question: 'stop', asked: null });
    await gone;
  }

  private send(message: Asked): void {
    this.process.send(message);
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const noMore = new AbortController();
  const { signal } = noMore;
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => Promise.reject(new Error('the measured process ended'))),
    ]);
    return answer;
  } finally {
    noMore.abort();
  }
}
