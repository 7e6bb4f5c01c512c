#!/usr/bin/env node
import { readFileSync, watchFile } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addCompany, type Emulator, type EmulatorData, parseData, startEmulator } from './index';

const usage = `DingTalk on this machine, for development and tests.

  --port <number>           port on 127.0.0.1 (or EMULATOR_PORT; default 13400, 0 is any free one)
  --data <file>             JSON file with organizations, apps, accounts (or EMULATOR_DATA; default: those of the package)
  --company <people>        adds a made-up company: so many people in a twentieth as many departments, and DingTalk's
                            limit of 20 requests a second
  --print-data              prints the default data, to begin a file of your own with
  --open-command <command>  what the workbench shows to open an address as the DingTalk client
  --help`;

const DEFAULT_DATA = path.join(__dirname, 'platform', 'data.json');

/** The accounts that are named on the terminal. */
const MAX_NAMED = 30;

function readData(file: string, people: number): EmulatorData {
  const data = parseData(JSON.parse(readFileSync(file, 'utf8')));
  if (people === 0) {
    return data;
  }
  data.settings.maxPerSecond = 20;
  return parseData(addCompany(data, { people, departments: Math.ceil(people / 20) }));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function introduce({ url, data }: Emulator): string {
  const hosts = ['LOGIN', 'API', 'OAPI'].map((host) => `  DINGTALK_${host}_URL=${url}`);
  const apps = data.apps.map((app) => `  ${app.clientId}  secret ${app.clientSecret}  corp ${app.corpId}`);
  const more = data.accounts.length - MAX_NAMED;
  const accounts = data.accounts
    .slice(0, MAX_NAMED)
    .map(
      ({ id, nick, stateCode, mobile }) => `  ${id.padEnd(18)} ${mobile ? `+${stateCode} ${mobile}` : '–'}  ${nick}`,
    );
  return [
    `DingTalk emulator: ${url}`,
    ...hosts,
    `Workbench     ${url}/__emulator/workbench`,
    `Address book  ${url}/__emulator/address-book`,
    'Apps',
    ...apps,
    'Accounts',
    ...accounts,
    ...(more > 0 ? [`  … and ${more} more`] : []),
    'Ctrl-C ends it.',
  ].join('\n');
}

function explain(error: unknown, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another one: --port ${port + 1}`;
  }
  if (code === 'EACCES') {
    return `Port ${port} is not allowed. Choose one from 1024 on.`;
  }
  return messageOf(error);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: { port: text, data: text, company: text, 'open-command': text, 'print-data': flag, help: flag },
  });
  if (values.help) {
    return console.log(usage);
  }
  if (values['print-data']) {
    return console.log(readFileSync(DEFAULT_DATA, 'utf8').trimEnd());
  }

  const port = Number(values.port ?? process.env.EMULATOR_PORT ?? 13400);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error('The port must be a number up to 65535.');
  }
  const people = Number(values.company ?? 0);
  if (!Number.isInteger(people) || people < 0) {
    throw new Error('The company must be a number of people.');
  }
  const file = path.resolve(values.data ?? process.env.EMULATOR_DATA ?? DEFAULT_DATA);
  const options = { port, data: readData(file, people), openCommand: values['open-command'] };
  const emulator = await startEmulator(options).catch((error: unknown) => {
    throw new Error(explain(error, port));
  });
  console.log(introduce(emulator));

  // Polled: editors replace files, and a watch would go on to look at the old one.
  watchFile(file, { interval: 300 }, () => {
    try {
      emulator.load(readData(file, people), { tells: true });
      console.log(`Read ${file} again.`);
    } catch (error) {
      console.error(`${file} was not read again: ${messageOf(error)}`);
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void emulator.close().then(() => process.exit(0)));
  }
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
