import type { Authenticator, ClientApp, ClientPlugin } from '../nocobase';
import { apiUrl } from '../configuration/redirect-uri';
import { ask } from '../sign-in/sign-in';
import { jsapiCodeOf, refusalCodeOf } from './errors';
import { enterInside, sentenceInside, showTitles } from './sign-in-inside';

/** DingTalk's own outage ends nobody's session. */
const OUTAGES = ['DINGTALK_UNAVAILABLE', 'DINGTALK_BUSY'];

interface Failure {
  /** Whose button tells it. */
  authenticator: string;
  sentence: string;
}

/**
 * What was decided in this visit: in this window of the DingTalk client, of this application. While nothing is decided,
 * a page that is loaded anew begins anew.
 */
class Decision {
  private readonly key;

  constructor({ name }: ClientApp) {
    this.key = `dingtalk-visit-${name}`;
  }

  get(): { on?: boolean; failure?: Failure } | undefined {
    const stored = sessionStorage.getItem(this.key);
    return stored ? JSON.parse(stored) : undefined;
  }

  /** @param on whether people are signed in automatically here */
  set(on: boolean, failure?: Failure): void {
    sessionStorage.setItem(this.key, JSON.stringify({ on, failure }));
  }
}

/** What the buttons of a page need to know. */
class Visit {
  /** @param automatic whether nobody is signed in, and nobody was tried to be signed in in this visit */
  constructor(
    private readonly plugin: ClientPlugin,
    private automatic: boolean,
    private readonly failure?: Failure,
  ) {}

  /** Whether this button is to act by itself. The first one that may does, once in a visit: so there is no loop. */
  signsInWith({ options }: Authenticator): boolean {
    const acts = this.automatic && options.autoSignIn === true;
    if (acts) {
      this.automatic = false;
      new Decision(this.plugin.app).set(true);
      turnOn(this.plugin);
    }
    return acts;
  }

  failureOf({ name }: Authenticator): string {
    return this.failure?.authenticator === name ? this.failure.sentence : '';
  }
}

/** Whoever comes with a session of ours must be the person who uses the DingTalk client now. */
export async function arrive(plugin: ClientPlugin): Promise<Visit> {
  const decision = new Decision(plugin.app);
  const decided = decision.get();
  if (decided) {
    if (decided.on) {
      turnOn(plugin);
    }
    return new Visit(plugin, false, decided.failure);
  }

  const { app, t } = early(plugin);
  const { auth } = app.apiClient;
  const user = auth.token ? await currentUser(app).catch(() => undefined) : undefined;
  if (!user?.id) {
    return new Visit(plugin, true);
  }
  const authenticators = await ask<Authenticator[]>(app, 'authenticators:publicList');
  const active = authenticators.filter(({ options }) => options.autoSignIn);
  const own = active.find(({ name, options }) => name === auth.authenticator && options.corpId);
  if (own) {
    await verify({ app, t }, decision, own, user.id);
  }
  decision.set(active.length > 0);
  if (active.length) {
    turnOn(plugin);
  }
  return new Visit(plugin, false);
}

async function currentUser(app: ClientApp): Promise<{ id?: number }> {
  const check = () => ask<{ id?: number }>(app, 'auth:check');
  return check().catch((error) => {
    if (!refusalCodeOf(error)?.startsWith('ROLE_NOT_FOUND')) {
      throw error;
    }
    // The role was taken away meanwhile, and the person is signed in all the same.
    app.apiClient.auth.setRole(null);
    return check();
  });
}

function turnOn(plugin: ClientPlugin): void {
  showTitles(plugin).catch(() => undefined);
}

/**
 * Signs in anew. For the same person nothing changes; for another one, and for a stranger, the page begins anew, as
 * NocoBase has read for the one before already.
 */
async function verify(
  plugin: ClientPlugin,
  decision: Decision,
  authenticator: Authenticator,
  userId: number,
): Promise<void> {
  const { auth } = plugin.app.apiClient;
  const { token, role } = auth;
  try {
    const { user } = await enterInside(plugin, authenticator);
    if (user.id === userId) {
      auth.setRole(role);
      return;
    }
    await revoke(plugin, authenticator.name, token);
    decision.set(true);
  } catch (error) {
    const code = jsapiCodeOf(error) ?? refusalCodeOf(error);
    if (!code || OUTAGES.includes(code)) {
      auth.setRole(role);
      return;
    }
    await ask(plugin.app, 'auth:signOut', {}).catch(() => undefined);
    auth.setToken(null);
    auth.setAuthenticator(null);
    decision.set(true, { authenticator: authenticator.name, sentence: sentenceInside(error, plugin) });
  }
  location.reload();
  await new Promise(() => undefined);
}

/** Nothing here may ask NocoBase's router, which is not there before the page stands; its own handling of errors would. */
function early(plugin: ClientPlugin): ClientPlugin {
  const { app } = plugin;
  const request: ClientApp['apiClient']['request'] = async (config) => {
    const response = await app.apiClient.request<never>({ ...config, validateStatus: () => true });
    return response.status < 300 ? response : Promise.reject(Object.assign(new Error(), { response }));
  };
  const apiClient = Object.create(app.apiClient, { request: { value: request } });
  return {
    app: Object.create(app, { apiClient: { value: apiClient }, router: { value: {} } }),
    t: (key) => plugin.t(key),
  };
}

/** Without cookies: the answer clears those of the session, which are the new one's by now. */
async function revoke({ app }: ClientPlugin, authenticator: string, token: string | null): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'X-Authenticator': authenticator };
  await fetch(apiUrl(app, 'auth:signOut'), { method: 'POST', credentials: 'omit', headers }).catch(() => undefined);
}
