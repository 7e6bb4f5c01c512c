import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { expectOk } from '../../dev/api';
import { findChromium } from '../../dev/chromium';
import type { Environment } from '../../dev/environment';
import { startNocoBase, type NocoBase } from '../../dev/nocobase';
import { STATE } from '../../dev/paths';
import { startEmulator, type Account, type Emulator } from '../../emulator';
import { languages } from './clients';

export interface World {
  nocobase: NocoBase;
  emulator: Emulator;
  browser: Browser;
  /** The administrator's. */
  token: string;
  /** Calls an action of NocoBase's API as the administrator. */
  api<T = unknown>(action: string, values?: object): Promise<T>;
  stop(): Promise<void>;
}

/** DingTalk on this machine, and a browser. */
export type Surroundings = Pick<World, 'emulator' | 'browser' | 'stop'>;

/** `hostRules`: host names that lead to this machine, as Chromium's `--host-resolver-rules` wants them. */
export async function startSurroundings(hostRules: string[] = [], moreFlags: string[] = []): Promise<Surroundings> {
  const executablePath = await findChromium();
  const emulator = await startEmulator();
  try {
    const browser = await chromium.launch({
      executablePath,
      args: [...flags(hostRules), ...moreFlags],
      // Everybody's browser shows a page as it was left when they go back to it; Playwright turns that off.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    const stop = async () => void (await Promise.allSettled([browser.close(), emulator.close()]));
    return { emulator, browser, stop };
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

/** A NocoBase in a folder of its own, with surroundings of its own, or with those that somebody else ends. */
export async function startWorld(
  name: string,
  plugin?: string,
  { env, port, among }: { env?: Environment; port?: number; among?: Surroundings } = {},
): Promise<World> {
  const { emulator, browser, stop: leave } = among ?? (await startSurroundings());
  const running = among ? [] : [leave];
  const stop = async () => {
    await Promise.allSettled(running.map((end) => end()));
  };
  try {
    const dir = join(STATE, `e2e-${name}`);
    await rm(dir, { recursive: true, force: true });
    const nocobase = await startNocoBase({ dir, port, plugin, env: { ...hosts(emulator), ...env } });
    running.push(nocobase.stop);
    const token = await nocobase.signInAsRoot();
    const api = <T>(action: string, values?: object) =>
      expectOk(action, nocobase.request<T>(action, { method: values && 'POST', token, values }));
    await api('systemSettings:update?filterByTk=1', { enabledLanguages: languages });
    return { nocobase, emulator, browser, token, api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hosts({ url }: Emulator): Environment {
  return { DINGTALK_LOGIN_URL: url, DINGTALK_API_URL: url, DINGTALK_OAPI_URL: url };
}

function flags(hostRules: string[]): string[] {
  const quiet = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // A test that tries to leave this machine fails for that, and gets nowhere.
  const rules = [...hostRules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  return [...quiet, `--host-resolver-rules=${rules.join(', ')}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
}

/** A person whom DingTalk knows, and whom nobody met before. */
export const addPerson = ({ emulator }: World, values?: Partial<Account>) => emulator.addAccount(values);

/** A NocoBase user with the person's phone number. */
export function addUser({ api }: World, { id, nick, mobile }: Account, role = 'member'): Promise<{ id: number }> {
  return api('users:create', { username: id, nickname: nick, phone: mobile, roles: [{ name: role }] });
}

export interface AuthenticatorOptions {
  /** Default: one that no other has. */
  name?: string;
  title?: string;
  autoSignup?: boolean;
  autoSignIn?: boolean;
  corpId?: string;
  clientSecret?: string;
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
