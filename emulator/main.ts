import { readFileSync, watchFile } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Emulator, parseCompany, startEmulator } from './index';

const usage = `DingTalk on this machine, for development and tests.

  --port <number>   port on 127.0.0.1 (or EMULATOR_PORT; default 13400)
  --company <file>  JSON file with the company (or EMULATOR_COMPANY; default emulator/company.json)
  --help`;

const readCompany = (file: string) => parseCompany(JSON.parse(readFileSync(file, 'utf8')));

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function introduce({ url, company }: Emulator): string {
  const hosts = ['LOGIN', 'API', 'OAPI'].map((host) => `  DINGTALK_${host}_URL=${url}`);
  const apps = company.apps.map((app) => `  ${app.clientId}  secret ${app.clientSecret}  corp ${app.corpId}`);
  const accounts = company.accounts.map(
    ({ id, nick, stateCode, mobile }) => `  ${id.padEnd(18)} ${mobile ? `+${stateCode} ${mobile}` : '–'}  ${nick}`,
  );
  return [
    `DingTalk emulator: ${url}`,
    ...hosts,
    `Workbench  ${url}/__emulator/workbench`,
    'Apps',
    ...apps,
    'Accounts',
    ...accounts,
    'Ctrl-C ends it.',
  ].join('\n');
}

function explain(error: unknown, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one: npm run emulator -- --port ${port + 1}`;
  if (code === 'EACCES') return `Port ${port} is not allowed. Choose one from 1024 on.`;
  return messageOf(error);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, company: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(usage);

  const port = Number(values.port ?? process.env.EMULATOR_PORT ?? 13400);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('The port must be a number up to 65535.');
  const file = path.resolve(values.company ?? process.env.EMULATOR_COMPANY ?? path.join(__dirname, 'company.json'));

  const emulator = await startEmulator({ port, company: readCompany(file) }).catch((error: unknown) => {
    throw new Error(explain(error, port));
  });
  console.log(introduce(emulator));

  // Polled: editors replace files, which a watch on the old one would not see.
  watchFile(file, { interval: 300 }, () => {
    try {
      emulator.load(readCompany(file));
      console.log(`Read ${file} again.`);
    } catch (error) {
      console.error(`${file} was not read again: ${messageOf(error)}`);
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void emulator.close().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
