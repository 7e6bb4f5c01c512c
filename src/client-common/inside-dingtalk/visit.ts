import type { Authenticator, ClientApp, ClientPlugin } from '../nocobase';
import { apiUrl } from '../redirect-uri';
import { ask } from '../sign-in';
import { enterInside, sentenceInside, showTitles } from './sign-in-inside';

/** Lives as long as the window that DingTalk opened. */
const VISIT = 'dingtalk-visit';
const ON = 'on';
const OFF = 'off';

/** DingTalk's own outage ends nobody's session. */
const OUTAGES = ['DINGTALK_UNAVAILABLE', 'DINGTALK_BUSY'];

/** One opening of NocoBase inside the DingTalk client. */
class Visit {
  private failure?: { authenticator: string; sentence: string };

  /** @param automatic whether nobody is signed in yet, and nobody was tried to be signed in in this visit */
  constructor(
    private readonly plugin: ClientPlugin,
    private automatic: boolean,
  ) {}

  /** Whether this button is to act by itself. The first one that may does, once in a visit: so there is no loop. */
  signsInWith({ options }: Authenticator): boolean {
    const acts = this.automatic && options.autoSignIn === true;
    if (acts) {
      this.automatic = false;
      turnOn(this.plugin);
    }
    return acts;
  }

  fail(authenticator: string, sentence: string): this {
    this.failure = { authenticator, sentence };
    return this;
  }

  failureOf({ name }: Authenticator): string {
    return this.failure?.authenticator === name ? this.failure.sentence : '';
  }
}

/** Whoever comes with a session of ours must be the person who uses the DingTalk client now. */
export async function arrive(plugin: ClientPlugin): Promise<Visit> {
  const seen = sessionStorage.getItem(VISIT);
  if (seen) {
    if (seen === ON) {
      turnOn(plugin);
    }
    return new Visit(plugin, false);
  }
  sessionStorage.setItem(VISIT, OFF);

  const { app, t } = early(plugin);
  const { auth } = app.apiClient;
  const userId = auth.token && (await ask<{ id?: number }>(app, 'auth:check').catch(() => undefined))?.id;
  if (!userId) {
    return new Visit(plugin, true);
  }
  const visit = new Visit(plugin, false);
  const active = (await ask<Authenticator[]>(app, 'authenticators:publicList')).filter(
    ({ options }) => options.autoSignIn,
  );
  if (active.length) {
    turnOn(plugin);
  }
  const own = active.find(({ name, options }) => name === auth.authenticator && options.corpId);
  return own ? verify({ app, t }, visit, own, userId) : visit;
}

function turnOn(plugin: ClientPlugin): void {
  sessionStorage.setItem(VISIT, ON);
  showTitles(plugin).catch(() => undefined);
}

/** Signs in anew. For the same person nothing changes; another one gets a page of their own; a stranger none. */
async function verify(
  plugin: ClientPlugin,
  visit: Visit,
  authenticator: Authenticator,
  userId: number,
): Promise<Visit> {
  const { auth } = plugin.app.apiClient;
  const { token, role } = auth;
  try {
    const { user } = await enterInside(plugin, authenticator);
    await revoke(plugin, authenticator.name, token);
    if (user.id !== userId) {
      location.reload();
      await new Promise(() => undefined);
    }
    auth.setRole(role);
    return visit;
  } catch (error) {
    const code = codeOf(error);
    if (code && OUTAGES.includes(code)) {
      auth.setRole(role);
      return visit;
    }
    await ask(plugin.app, 'auth:signOut', {}).catch(() => undefined);
    auth.setToken(null);
    auth.setAuthenticator(null);
    return visit.fail(authenticator.name, sentenceInside(error, plugin));
  }
}

/** The server's code, as `sentenceOf` finds the sentence. */
function codeOf(error: unknown): string | undefined {
  return (error as { response?: { data?: { errors?: { code?: string }[] } } }).response?.data?.errors?.[0]?.code;
}

/** NocoBase's own handling of errors asks its router, which is not there before the page stands: none is to be called. */
function early(plugin: ClientPlugin): ClientPlugin {
  const { app } = plugin;
  const request: ClientApp['apiClient']['request'] = async (config) => {
    const response = await app.apiClient.request<never>({ ...config, validateStatus: () => true });
    return response.status < 300 ? response : Promise.reject(Object.assign(new Error(), { response }));
  };
  const apiClient = Object.create(app.apiClient, { request: { value: request } });
  return { app: Object.create(app, { apiClient: { value: apiClient } }), t: (key) => plugin.t(key) };
}

/** Without cookies: the answer clears those of the session, which are the new one's by now. */
async function revoke({ app }: ClientPlugin, authenticator: string, token: string | null): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'X-Authenticator': authenticator };
  await fetch(apiUrl(app, 'auth:signOut'), { method: 'POST', credentials: 'omit', headers }).catch(() => undefined);
}
