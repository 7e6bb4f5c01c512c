import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { type Killer, laneOf } from './mutant';

const CONFIG = 'jest.mutants.config.js';

/** Where `note-started-tests.js` writes the names of the tests that began. */
const STARTED = 'MUTANTS_STARTED_TESTS';

/** Jest's own configuration, with a file that notes which tests began. */
const config = (setup: string) => `const config = require('./jest.config.js');
const noting = (project) => ({
  ...project,
  setupFilesAfterEnv: [...(project.setupFilesAfterEnv ?? []), ${JSON.stringify(setup)}],
});
module.exports = { ...config, reporters: undefined, projects: config.projects.map(noting) };
`;

const JEST = path.join('node_modules', 'jest', 'bin', 'jest.js');

/** The long lane runs files of the server lane again, with nothing that a mutant names. */
const lanesOf = (killer: Killer) => (laneOf(killer) === 'server' ? ['--selectProjects', 'server'] : []);

interface JestOutcome {
  /** Full names of the tests that began and failed. */
  failed: string[];
  passed: number;
  /** Why the run proves nothing: no test began, or it could not start. */
  error?: string;
}

interface Report {
  testResults: {
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

export function prepareJest(tree: string): void {
  fs.writeFileSync(path.join(tree, CONFIG), config(path.join(__dirname, 'note-started-tests.js')));
}

/** Runs one test file, or some of its tests, in a process of its own. */
export async function runJest(tree: string, { file, name }: Killer, minutes: number): Promise<JestOutcome> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mutants-'));
  const [reportFile, startedFile] = ['report.json', 'started'].map((base) => path.join(folder, base));
  try {
    const options = ['--config', CONFIG, '--runTestsByPath', file, '--json', '--outputFile', reportFile];
    const { ended, output } = await run(
      process.execPath,
      [JEST, ...options, ...(name ? ['-t', name] : []), ...lanesOf({ file })],
      { cwd: tree, env: { ...process.env, [STARTED]: startedFile } },
      minutes,
    );
    if (!ended) {
      return { failed: [], passed: 0, error: `no end within ${minutes} minutes` };
    }
    if (!fs.existsSync(reportFile)) {
      return { failed: [], passed: 0, error: `no report of Jest: ${lastLines(output)}` };
    }
    const started = fs.existsSync(startedFile) ? fs.readFileSync(startedFile, 'utf8').split('\n') : [];
    return judge(JSON.parse(fs.readFileSync(reportFile, 'utf8')), new Set(started));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a report of Jest proves. A test that never began, as its file could not be loaded or a `beforeAll` failed, is
 * reported as failed, and says nothing of what it asserts.
 */
export function judge({ testResults }: Report, started: ReadonlySet<string>): JestOutcome {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ fullName, status }) => status === 'failed' && started.has(fullName));
  const passed = all.filter(({ status }) => status === 'passed').length;
  const outcome = { failed: failed.map(({ fullName }) => fullName), passed };
  if (failed.length || passed) {
    return outcome;
  }
  const reasons = [
    ...all.flatMap(({ failureMessages }) => failureMessages),
    ...testResults.map(({ message }) => message),
  ];
  return { ...outcome, error: `no test began: ${lastLines(reasons.find(Boolean) ?? 'none has such a name')}` };
}

const lastLines = (text: string) => text.trim().split('\n').slice(0, 3).join(' ').slice(0, 300);

const running = new Set<number>();

/** Ends whatever runs, with the servers and browsers that it started. */
export function endAll(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function run(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  minutes: number,
): Promise<{ ended: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args, '--forceExit'], {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const pid = child.pid ?? 0;
    running.add(pid);
    let output = '';
    let ended = true;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
    }
    const timer = setTimeout(() => {
      ended = false;
      process.kill(-pid, 'SIGKILL');
    }, minutes * 60_000);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      running.delete(pid);
      resolve({ ended, output });
    });
  });
}
