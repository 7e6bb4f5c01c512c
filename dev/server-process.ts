import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from './environment';
import { until } from './until';

const SECONDS_TO_END = 5;
const LINES_OF_LOG = 30;

interface ServerProcess {
  pid: number;
  ended: Promise<void>;
  /** Resolves when `probe` does not fail any more, rejects when the process ends or the time is up. */
  ready(probe: () => Promise<boolean>, seconds: number): Promise<void>;
  stop(): Promise<void>;
  /** Lets this process end while the server runs, which `end-with-parent.js` then ends. */
  unref(): void;
}

/** Runs NocoBase's server without pm2 and yarn, in a process group of its own that never outlives this process. */
export function startServer(dir: string, env: Environment, args: string[], log: string): ServerProcess {
  const output = openSync(log, 'a');
  const main = path.join(env.NODE_MODULES_PATH, '@nocobase', 'app', 'lib', 'index.js');
  const child = spawn(process.execPath, ['-r', path.join(__dirname, 'end-with-parent.js'), main, ...args], {
    cwd: dir,
    env,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`Node.js could not be started: ${process.execPath}`);
  }
  child.channel?.unref();
  // `end-with-parent.js` does the same for a parent that is killed, but not while the child is busy loading modules.
  const killNow = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', killNow);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void ended.then(() => process.off('exit', killNow));
  return {
    pid,
    ended,
    ready: (probe, seconds) => ready(child, log, probe, seconds),
    unref: () => child.unref(),
    async stop() {
      if (hasEnded(child)) {
        return;
      }
      signalGroup(pid, 'SIGTERM');
      await Promise.race([ended, sleep(SECONDS_TO_END * 1000, undefined, { ref: false })]);
      signalGroup(pid, 'SIGKILL');
      await ended;
    },
  };
}

async function ready(child: ChildProcess, log: string, probe: () => Promise<boolean>, seconds: number): Promise<void> {
  const hopeless = () => (hasEnded(child) ? 'NocoBase ended while it was starting' : undefined);
  await until('NocoBase is ready', probe, { seconds, hopeless }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await tail(log)}`);
  });
}

async function tail(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return `The end of ${log}:\n${lines.slice(-LINES_OF_LOG).join('\n')}`;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
