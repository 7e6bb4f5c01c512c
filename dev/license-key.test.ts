import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MODULES, readPackageJson, ROOT } from './paths';
import { INDEPENDENT_NAME } from './renamed-copy';

const CLI = path.join(MODULES, '@nocobase', 'cli-v1', 'package.json');

/** The one command of NocoBase's own, without the others, of which one wants the sources of NocoBase. */
const DOWNLOAD = `
  const from = require('node:module').createRequire(${JSON.stringify(CLI)});
  const cli = new (from('commander').Command)();
  from('./src/commands/pkg.js')(cli);
  cli.parse(['node', 'nocobase', 'pkg', 'download-pro']);
`;

const { name: DOCUMENTED_NAME } = readPackageJson(ROOT);

/** NocoBase's package server, as far as its command asks it: what NocoBase sells, and what this key covers. */
function packageServer(sold: string[], covered: string[]): Server {
  return createServer((request, response) => {
    const answers: Record<string, object> = {
      '/-/verdaccio/sec/login': { token: 'token' },
      '/pro-packages': { data: covered, meta: { commercial_plugins: sold } },
    };
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
}

let server: Server;
let folder: string;

beforeAll(async () => {
  server = packageServer([DOCUMENTED_NAME, '@nocobase/plugin-auth-ldap'], []);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  folder = mkdtempSync(path.join(tmpdir(), 'license-key-'));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it('NocoBase, at its start with a license key, removes the archive with the documented name, and leaves the other one alone', async () => {
  const installed = (name: string) => path.join(folder, 'storage', 'plugins', name);
  for (const name of [DOCUMENTED_NAME, INDEPENDENT_NAME]) {
    mkdirSync(installed(name), { recursive: true });
    writeFileSync(path.join(installed(name), 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  }
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, ['--eval', DOWNLOAD], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_MODULES_PATH: path.join(folder, 'node_modules'),
      STORAGE_PATH: path.join(folder, 'storage'),
      NOCOBASE_PKG_URL: `http://127.0.0.1:${port}/`,
      NOCOBASE_PKG_USERNAME: 'name',
      NOCOBASE_PKG_PASSWORD: 'password',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => (said += data));
  }
  await once(child, 'exit');

  expect(said).toContain(`Removed: ${DOCUMENTED_NAME}`);
  expect(existsSync(installed(DOCUMENTED_NAME))).toBe(false);
  expect(existsSync(installed(INDEPENDENT_NAME))).toBe(true);
});
