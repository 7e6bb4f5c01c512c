import { apiUrl } from '../../addresses';
import type { Authenticator, ClientApp, ClientPlugin } from '../../nocobase';
import type { Failure } from '../../failure';
import { callAction, refusalOf } from '../../request';
import { beforeRouter } from '../before-router';
import { codeOfFailure, failureInside } from './jsapi-error';
import { showTitles, signInInside } from './sign-in-inside';

/**
 * What was decided in this visit, that is, in this window of the DingTalk client for this application. It outlives page
 * loads, so a sign-in that fails is not tried again and again. While nothing is decided, each page load starts afresh.
 */
export interface Decision {
  /** Whether an authenticator signs users in automatically here. */
  on: boolean;
  /** Why the session of this browser was ended. */
  failure?: { authenticator: string; told?: Failure };
}

/** Sub-applications share one origin, and so its sessionStorage. */
const keyOf = ({ name }: ClientApp) => `dingtalk-visit-${name}`;

export function readDecision(app: ClientApp): Decision | undefined {
  const stored = sessionStorage.getItem(keyOf(app));
  return stored ? JSON.parse(stored) : undefined;
}

export const storeDecision = (app: ClientApp, decision: Decision) =>
  sessionStorage.setItem(keyOf(app), JSON.stringify(decision));

/** What the buttons of a page need to know. */
export class Visit {
  /** @param automatic true if there is no session, and automatic sign-in was not tried in this visit */
  constructor(
    private readonly plugin: ClientPlugin,
    private automatic: boolean,
    private readonly failure?: Decision['failure'],
  ) {}

  /**
   * Claims the automatic sign-in of this visit for a button. The first button whose authenticator has it on gets it,
   * once: a second attempt after a failure would be a loop, and after signing out it would sign in again at once.
   */
  claimAutoSignIn({ options }: Authenticator): boolean {
    const claimed = this.automatic && options.autoSignIn === true;
    if (claimed) {
      this.automatic = false;
      storeDecision(this.plugin.app, { on: true });
      tryToShowTitles(this.plugin);
    }
    return claimed;
  }

  failureOf({ name }: Authenticator): Failure | undefined {
    return this.failure?.authenticator === name ? this.failure.told : undefined;
  }
}

/**
 * Runs once a page load, before NocoBase shows anything. A session that an authenticator with automatic sign-in began
 * must belong to the user of the DingTalk client: several users may share a device, and one must not see the data of
 * another.
 */
export async function arrive(plugin: ClientPlugin): Promise<Visit> {
  const decided = readDecision(plugin.app);
  if (decided) {
    if (decided.on) {
      tryToShowTitles(plugin);
    }
    return new Visit(plugin, false, decided.failure);
  }

  const early = beforeRouter(plugin);
  const { app } = early;
  const { auth } = app.apiClient;
  const user = auth.token ? await currentUser(app).catch(() => undefined) : undefined;
  if (!user?.id) {
    return new Visit(plugin, true);
  }
  const active = (await callAction(app, 'authenticators:publicList')).filter(({ options }) => options.autoSignIn);
  const own = authenticatorOfSession(active, auth.authenticator);
  if (own) {
    await verify(early, own, user.id);
  }
  const on = active.length > 0;
  storeDecision(app, { on });
  if (on) {
    tryToShowTitles(plugin);
  }
  return new Visit(plugin, false);
}

/** The authenticator that began the session, if it can tell who uses the DingTalk client now. That takes a Corp ID. */
export const authenticatorOfSession = (active: Authenticator[], sessionOf: string | null) =>
  active.find(({ name, options }) => name === sessionOf && options.corpId);

async function currentUser(app: ClientApp): Promise<{ id?: number }> {
  const check = () => callAction(app, 'auth:check');
  return check().catch((error) => {
    if (!refusalOf(error)?.code.startsWith('ROLE_NOT_FOUND')) {
      throw error;
    }
    // The role that this browser remembers was taken away. The session is valid all the same.
    app.apiClient.auth.setRole(null);
    return check();
  });
}

/** The sign-in does not depend on the title in the client's bar. */
function tryToShowTitles(plugin: ClientPlugin): void {
  showTitles(plugin).catch(() => undefined);
}

/** What signing in anew says about the session that this browser has. */
type Verdict = 'same user' | 'other user' | 'refused' | 'unknown';

/** DingTalk's outage says nothing about the user, and must not end sessions. */
const OUTAGES = ['DINGTALK_UNAVAILABLE', 'DINGTALK_BUSY'];

export const verdictOfUser = (sessionOf: number, signedIn: number): Verdict =>
  signedIn === sessionOf ? 'same user' : 'other user';

export function verdictOfFailure(error: unknown): Verdict {
  const code = codeOfFailure(error);
  return !code || OUTAGES.includes(code) ? 'unknown' : 'refused';
}

/**
 * Signs in anew, to see whether it is the same user. If not, or if the server refuses the user of the client, the page
 * is loaded anew, as NocoBase has already read data for the previous user. No page opens, so that any sign-in page will do.
 */
async function verify(plugin: ClientPlugin, authenticator: Authenticator, userId: number): Promise<void> {
  const { app } = plugin;
  const { auth } = app.apiClient;
  const { token, role } = auth;
  const { verdict, error } = await signInInside(plugin, authenticator, `${location.origin}/signin`).then(
    ({ user }) => ({ verdict: verdictOfUser(userId, user.id), error: undefined }),
    (error: unknown) => ({ verdict: verdictOfFailure(error), error }),
  );
  if (verdict === 'same user' || verdict === 'unknown') {
    // Signing in forgets the role that the user had chosen.
    auth.setRole(role);
    return;
  }
  if (verdict === 'other user') {
    await revoke(app, authenticator.name, token);
    storeDecision(app, { on: true });
  } else {
    // First, as NocoBase refuses the request below for a role that was taken away.
    auth.setRole(null);
    await callAction(app, 'auth:signOut', {}).catch(() => undefined);
    auth.setToken(null);
    auth.setAuthenticator(null);
    const told = failureInside(error, plugin);
    storeDecision(app, { on: true, failure: { authenticator: authenticator.name, told } });
  }
  await reloadPage();
}

/** Never ends: a page goes on to run after `reload()`, and NocoBase would show it with the previous user's data. */
function reloadPage(): Promise<never> {
  location.reload();
  return new Promise(() => undefined);
}

/**
 * Ends the previous user's session at the server. Not by `callAction`: the answer clears the cookies of a session, and
 * those are the new one's by now, so it goes without cookies.
 */
async function revoke(app: ClientApp, authenticator: string, token: string | null): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'X-Authenticator': authenticator };
  await fetch(apiUrl(app, 'auth:signOut'), { method: 'POST', credentials: 'omit', headers }).catch(() => undefined);
}
