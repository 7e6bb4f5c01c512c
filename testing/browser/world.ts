import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { expectOk } from '../../dev/api';
import { dingTalkHosts, type Environment } from '../../dev/environment';
import { startNocoBaseProcess, type NocoBaseProcess, type NocoBaseServer } from '../../dev/nocobase-process';
import { STATE } from '../../dev/paths';
import { startEmulator, type Account, type Emulator } from '../../emulator';
import type { DingTalkFirst, MatchByPhone } from '../../src/shared/contract';
import { languages } from './clients';
import { launchBrowser, type LaunchOptions } from './launch';
import { plainTemplate, templateWith } from './templates';
import type { WarmContext } from './warm-context';

/** What a browser test takes place in: NocoBase, DingTalk's emulator, and a browser. */
export interface World {
  nocobase: NocoBaseServer;
  emulator: Emulator;
  browser: Browser;
  context: WarmContext;
  /** The administrator's. */
  token: string;
  /** Calls an action of NocoBase's API as the administrator. */
  api<T = unknown>(action: string, values?: object): Promise<T>;
  stop(): Promise<void>;
}

/** A world whose NocoBase no other test uses. */
export interface OwnWorld extends World {
  nocobase: NocoBaseProcess;
}

/** DingTalk on this machine, and a browser. */
export type Surroundings = Pick<World, 'emulator' | 'browser' | 'context' | 'stop'>;

interface SurroundingsOptions extends LaunchOptions {
  emulatorPort?: number;
}

export async function startSurroundings(options: SurroundingsOptions = {}): Promise<Surroundings> {
  const emulator = await startEmulator({ port: options.emulatorPort });
  try {
    const { browser, context, stop: close } = await launchBrowser(options);
    const stop = async () => void (await Promise.allSettled([close(), emulator.close()]));
    return { emulator, browser, context, stop };
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

interface WorldOptions {
  env?: Environment;
  port?: number;
  /** Surroundings that the caller ends. */
  among?: Surroundings;
  /** Default: one with few plugins, in which ours is enabled if it is given. */
  template?: string;
  /** See `startNocoBaseProcess`. */
  plugins?: 'all';
}

/** A NocoBase in a folder of its own. */
export async function startWorld(name: string, plugin?: string, options: WorldOptions = {}): Promise<OwnWorld> {
  const { env, port, among, plugins } = options;
  const template = options.template ?? (await (plugin ? templateWith(plugin) : plainTemplate()));
  const { emulator, browser, context, stop: leave } = among ?? (await startSurroundings());
  const running = among ? [] : [leave];
  const stop = async () => {
    await Promise.allSettled(running.map((end) => end()));
  };
  try {
    const dir = path.join(STATE, `e2e-${name}`);
    await rm(dir, { recursive: true, force: true });
    const hosts = dingTalkHosts(emulator.url);
    const nocobase = await startNocoBaseProcess({ dir, port, plugin, template, plugins, env: { ...hosts, ...env } });
    running.push(nocobase.stop);
    return { nocobase, emulator, browser, context, stop, ...(await administer(nocobase)) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What an administrator does first. */
export async function administer(nocobase: NocoBaseServer): Promise<Pick<World, 'token' | 'api'>> {
  const token = await nocobase.signInAsRoot();
  const api = <T>(action: string, values?: object) =>
    expectOk(action, nocobase.request<T>(action, { method: values && 'POST', token, values }));
  await api('systemSettings:update?filterByTk=1', { enabledLanguages: languages });
  return { token, api };
}

/** A new account in the emulator, unknown to NocoBase. */
export const addAccount = ({ emulator }: World, values?: Partial<Account>) => emulator.addAccount(values);

/** A NocoBase user with the account's phone number. */
export function addUser({ api }: World, account: Account, ...roles: string[]): Promise<{ id: number }> {
  const { id, nick, mobile } = account;
  const names = roles.length ? roles : ['member'];
  return api('users:create', { username: id, nickname: nick, phone: mobile, roles: names.map((name) => ({ name })) });
}

/** A user with the role `admin`, who is bound already: a phone number leads to no privileged user. */
export async function addAdministrator(
  world: World,
  account: Account,
  authenticator: string,
  ...roles: string[]
): Promise<{ id: number }> {
  const user = await addUser(world, account, ...roles, 'admin');
  const { unionId, nick } = account;
  const binding = { authenticator, userId: user.id, uuid: unionId, nickname: nick, meta: { unionId } };
  await world.api('usersAuthenticators:create', binding);
  return user;
}

export interface AuthenticatorOptions {
  /** Default: one that no other has. */
  name?: string;
  title?: string;
  autoSignup?: boolean;
  autoSignIn?: boolean;
  corpId?: string;
  /** Default: none, as only messages need it. */
  agentId?: number;
  clientSecret?: string;
  matchByPhone?: MatchByPhone;
  first?: DingTalkFirst;
}

let added = 0;

/** An authenticator as the settings form saves it, ready for the emulator's app. */
export async function addAuthenticator(world: World, options: AuthenticatorOptions = {}): Promise<string> {
  const [app] = world.emulator.data.apps;
  const name = options.name ?? `dingtalk-${++added}`;
  await world.api('authenticators:create', {
    name,
    authType: 'dingtalk',
    title: options.title,
    enabled: true,
    options: {
      public: { autoSignup: options.autoSignup ?? false, autoSignIn: options.autoSignIn ?? false },
      dingtalk: {
        clientId: app.clientId,
        clientSecret: options.clientSecret ?? app.clientSecret,
        corpId: options.corpId ?? '',
        agentId: options.agentId === undefined ? undefined : String(options.agentId),
        matchByPhone: options.matchByPhone,
        first: options.first,
      },
    },
  });
  return name;
}

export async function removeAuthenticators({ api }: World): Promise<void> {
  const present = await api<{ id: number; authType: string }[]>('authenticators:list?pageSize=200');
  for (const { id } of present.filter(({ authType }) => authType === 'dingtalk')) {
    await api(`authenticators:destroy?filterByTk=${id}`, {});
  }
}
