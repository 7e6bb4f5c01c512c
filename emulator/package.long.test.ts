import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Inside the repository, so that Node finds the dependencies; ignored by git. */
const FOLDER = path.join(__dirname, '..', '.nocobase', 'emulator-package');

beforeAll(() => {
  fs.rmSync(FOLDER, { recursive: true, force: true });
  fs.mkdirSync(FOLDER, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', FOLDER], { cwd: __dirname });
  const [archive] = fs.readdirSync(FOLDER);
  execFileSync('tar', ['-xzf', archive], { cwd: FOLDER });
});
afterAll(() => fs.rmSync(FOLDER, { recursive: true, force: true }));

it('the archive has a README, a license, JavaScript and types, and neither sources nor tests', () => {
  const files = fs.readdirSync(path.join(FOLDER, 'package'), { recursive: true }).map(String);
  expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']));
  expect(files.filter((file) => /\.test\.|harness|(?<!\.d)\.ts$/.test(file))).toEqual([]);
});

it('the types need no types of another package but zod, which is installed with it', () => {
  const typesOf = (file: string): string[] => {
    const text = fs.readFileSync(path.join(FOLDER, 'package/dist', file), 'utf8');
    return [...text.matchAll(/from '([^']+)'/g)].flatMap(([, from]) =>
      from.startsWith('.') ? typesOf(path.join(path.dirname(file), `${from}.d.ts`)) : [from],
    );
  };
  expect([...new Set(typesOf('index.d.ts'))]).toEqual(['zod']);
});

it('the command of the archive runs in plain Node, and ends at Ctrl-C', async () => {
  const command = spawn(process.execPath, [path.join(FOLDER, 'package/dist/cli.js'), '--port', '0']);
  const [line] = (await once(createInterface(command.stdout), 'line')) as [string];
  const url = line.replace('DingTalk emulator: ', '');
  expect((await fetch(`${url}/v1.0/contact/users/me`)).status).toBe(400);
  const script = await (await fetch(`${url}/__emulator/clients/android.js`)).text();
  expect(script).toContain('runtimeready');
  command.kill('SIGINT');
  expect(await once(command, 'exit')).toEqual([0, null]);
});

it('--company adds a company, and DingTalk’s limit of requests', async () => {
  const cli = path.join(FOLDER, 'package/dist/cli.js');
  const command = spawn(process.execPath, [cli, '--port', '0', '--company', '100']);
  const [line] = (await once(createInterface(command.stdout), 'line')) as [string];
  const data = await (await fetch(`${line.replace('DingTalk emulator: ', '')}/__emulator/data`)).json();
  expect(data).toMatchObject({ departments: { length: 5 }, settings: { maxPerSecond: 20 } });
  command.kill('SIGINT');
  expect(await once(command, 'exit')).toEqual([0, null]);
});
