import path from 'node:path';
import { demoData, startEmulator, type Emulator } from '../emulator';
import { ensureAuthenticator, ensureSource, ensureUsers, ensureWorkflow, type DemoUser, WORKFLOW } from './demo-data';
import { dingTalkHosts, type Environment } from './environment';
import { startNocoBaseProcess, type NocoBaseServer } from './nocobase-process';
import { packPlugin } from './pack';
import { STATE } from './paths';
import { isPortFree } from './ports';

const { DINGTALK_CLIENT_ID: clientId, DINGTALK_CLIENT_SECRET: clientSecret } = process.env;
const PASSED_ON =
  /^(DB_\w+|DINGTALK_(LOGIN|API|OAPI)_URL|APP_(PUBLIC_PATH|HOST|MODERN_CLIENT_PREFIX)|API_BASE_PATH|LOGGER_LEVEL)$/;
const PROXIES = /^(https?|no)_proxy$/i;

const began = Date.now();
const progress = (message: string) => console.log(`[${Math.round((Date.now() - began) / 1000)} s] ${message} …`);

async function main(): Promise<void> {
  if (!clientId !== !clientSecret) {
    throw new Error('DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET go together.');
  }
  const real = clientId && clientSecret ? { clientId, clientSecret } : undefined;
  const port = await claimPort('APP_PORT', 13000);
  const emulatorPort = real ? undefined : await claimPort('EMULATOR_PORT', 13400);

  const running: (() => Promise<void>)[] = [];
  let ending = false;
  const end = async (status: number) => {
    if (ending) {
      return;
    }
    ending = true;
    await Promise.allSettled(running.map((stop) => stop()));
    // A NocoBase that is still starting ends with this process.
    process.exit(status);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end(0));
  }

  try {
    const plugin = await packPlugin(progress);
    const emulator =
      emulatorPort === undefined
        ? undefined
        : await startEmulator({ port: emulatorPort, data: demoData(), openCommand: 'npm run dingtalk --' });
    if (emulator) {
      running.push(() => emulator.close());
    }
    const env = {
      ...passedOn(real ? [PASSED_ON, PROXIES] : [PASSED_ON]),
      ...(emulator && dingTalkHosts(emulator.url)),
    };
    const more = ['@nocobase/plugin-departments'];
    const nocobase = await startNocoBaseProcess({ dir: path.join(STATE, 'start'), port, plugin, more, env, progress });
    running.push(nocobase.stop);

    progress('Setting up the authenticator, users, a source, a channel and a workflow');
    const token = await signIn(nocobase);
    if (emulator) {
      emulator.data.apps[0].homePage = nocobase.url;
    }
    await ensureAuthenticator(nocobase, token, real ?? credentials(emulator));
    const users = emulator ? await ensureUsers(nocobase, token, emulator.data.accounts) : [];
    await ensureSource(nocobase, token);
    await ensureWorkflow(nocobase, token, users);
    console.log(introduction(nocobase, env, emulator, users));

    await nocobase.ended;
    if (!ending) {
      throw new Error(`NocoBase ended by itself; see ${nocobase.log}`);
    }
  } catch (error) {
    if (!ending) {
      console.error(error instanceof Error ? error.message : error);
    }
    await end(1);
  }
}

async function claimPort(variable: string, usual: number): Promise<number> {
  const port = Number(process.env[variable] || usual);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`${variable} must be a port number.`);
  }
  if (await isPortFree(port)) {
    return port;
  }
  throw new Error(`Port ${port} is taken. Choose another one: ${variable}=${port + 1} npm start`);
}

function passedOn(names: RegExp[]): Environment {
  const entries = Object.entries(process.env).filter(([name]) => names.some((pattern) => pattern.test(name)));
  return Object.fromEntries(entries) as Environment;
}

function credentials(emulator: Emulator | undefined): object {
  const app = emulator?.data.apps[0];
  const { clientId: id, clientSecret: secret, corpId, agentId } = app ?? {};
  return { clientId: id, clientSecret: secret, corpId, agentId: app && String(agentId) };
}

async function signIn(nocobase: NocoBaseServer): Promise<string> {
  return nocobase.signInAsRoot().catch((error: Error) => {
    throw new Error(`${error.message}\nWas the password changed? Deleting ${nocobase.dir} begins anew.`);
  });
}

function introduction(
  nocobase: NocoBaseServer,
  env: Environment,
  emulator: Emulator | undefined,
  users: DemoUser[],
): string {
  const { url, apiUrl, rootLogin, log } = nocobase;
  const how = emulator
    ? [
        'Click "DingTalk" under the sign-in form, choose an account, agree.',
        ...users.map(({ account, phone }) => `  ${account.nick} is a user already (phone ${phone}) and is recognized.`),
        `  Anybody else of ${emulator.data.organizations[0].name} with a phone number becomes a new user.`,
        'npm run dingtalk   opens a window as the DingTalk app, where nobody has to click.',
      ]
    : [`Register this Redirect URL for the app at open-dev.dingtalk.com: ${apiUrl}/dingtalk:redirect`];
  return [
    '',
    `Sign in        ${url}/signin   (v1)`,
    `               ${url}/${env.APP_MODERN_CLIENT_PREFIX ?? 'v'}/signin   (v2)`,
    `Administrator  ${rootLogin.email}   ${rootLogin.password}`,
    `DingTalk       ${emulator ? `${emulator.url}   (emulator)` : 'the real one'}`,
    `Log            ${log}`,
    '',
    ...how,
    'Settings: sign in as the administrator, then Settings → Authentication → DingTalk.',
    'Directory: Settings → Users & Permissions → Synchronize. The source "dingtalk" is there: press Sync.',
    ...(emulator
      ? [
          `  ${emulator.data.accounts.length} people in ${emulator.data.departments.length} departments come with the first run.`,
          `Messages: once one of these users is linked, Settings → Workflow → "${WORKFLOW}" → … → Execute manually,`,
          `  with the order that is there; the message is in ${emulator.url}/__emulator/inbox`,
          `Events: ${emulator.url}/__emulator/address-book lets somebody join, move or leave in DingTalk.`,
        ]
      : []),
    'Ctrl-C ends it.',
  ].join('\n');
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
