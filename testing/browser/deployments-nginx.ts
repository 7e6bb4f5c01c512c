import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../dev/paths';
import { freePort } from '../../dev/ports';
import { findNginx } from '../../dev/programs';
import { until } from '../../dev/until';
import { makeCertificate } from '../certificates';

const SECONDS_TO_START = 10;

export interface Nginx {
  /** Without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

export interface DocumentedNginx {
  /** The `server_name` of an example in docs/deployments.md. */
  example: string;
  /** Where NocoBase is, in place of the address in the example. */
  nocobase: string;
  /** Changes the example. */
  change?: (config: string) => string;
}

/** Runs an nginx example of the documentation, on a free port of this machine and with a certificate of its own. */
export async function startDocumentedNginx({ example, nocobase, change = (config) => config }: DocumentedNginx) {
  const port = await freePort();
  const config = change(documented(example))
    .replaceAll('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replaceAll('/etc/ssl/nocobase/', '')
    .replaceAll('http://127.0.0.1:13000', nocobase);
  return startNginx(`https://127.0.0.1:${port}`, config);
}

/** What would stand in `conf.d/`. Reads and writes nothing outside of a temporary folder, and needs no rights. */
async function startNginx(url: string, config: string): Promise<Nginx> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'nocobase-nginx-'));
  const { key, cert } = await makeCertificate();
  await writeFile(path.join(dir, 'privkey.pem'), key);
  await writeFile(path.join(dir, 'fullchain.pem'), cert);
  const file = path.join(dir, 'nginx.conf');
  const log = path.join(dir, 'error.log');
  await writeFile(file, `${surroundings()}${config}}\n`);
  // One process: with a master, nginx would give the other to a user who may not read the folder.
  const globals = 'daemon off; master_process off; pid nginx.pid;';
  const nginx = spawn(findNginx(), ['-p', dir, '-c', file, '-e', log, '-g', globals], { stdio: 'ignore' });
  const kill = () => nginx.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    if (nginx.exitCode === null && nginx.kill()) {
      await once(nginx, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  const hopeless = () => (nginx.exitCode !== null ? 'it ended' : undefined);
  const started = until('nginx listens', () => listens(Number(new URL(url).port)), {
    seconds: SECONDS_TO_START,
    everyMs: 50,
    hopeless,
  });
  await started.catch(async (error: Error) => {
    const reason = await readFile(log, 'utf8').catch(() => '');
    await stop();
    throw new Error(`${error.message}\n${reason}${config}`);
  });
  return { url, stop };
}

function documented(serverName: string): string {
  const examples = readFileSync(path.join(ROOT, 'docs', 'deployments.md'), 'utf8').match(
    /(?<=```nginx\n)[^]*?(?=```)/g,
  );
  const found = examples?.find((example) => example.includes(`server_name ${serverName};`));
  if (!found) {
    throw new Error(`docs/deployments.md has no nginx example for ${serverName}`);
  }
  return found;
}

function surroundings(): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${name};\n`);
  return `events {}\nhttp {\n  access_log off;\n${folders.join('')}`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false)).once('connect', () => socket.destroy());
  });
}
