import { AUTH_TYPE } from '../../../shared/constants';
import type { ClientPlugin } from '../../nocobase';
import { callAction } from '../../request';
import { stayHere, staysHere } from './stay';

/** NocoBase's page as it is, whatever the settings say: `/signin?method=password`. */
export const isPasswordWanted = () => new URLSearchParams(location.search).get('method') === 'password';

/**
 * Whether a sign-in page may leave for DingTalk without a click. No page of this tab may a second time, whatever comes of
 * the first.
 */
export function claimLeaving(): boolean {
  const may =
    !staysHere() &&
    // Signing in there without a click is a setting of its own.
    !/DingTalk/i.test(navigator.userAgent) &&
    // DingTalk's page in a frame of another site's would be a page for clickjacking.
    window.parent === window &&
    // Another way to sign in has failed, and its button says why.
    !new URLSearchParams(location.search).has('error') &&
    isFresh();
  stayHere();
  return may;
}

/** In milliseconds. Slower networks are rare, and cost a click. */
const MAX_AGE = 60_000;

/**
 * Whether somebody opens NocoBase with this page. A page that was used, or open for a while, and one that comes from
 * another of NocoBase's, is shown after a sign-out or the end of a session, and would sign in again whoever left; or its
 * user comes from the pages for a forgotten password, and wants to enter the new one.
 */
function isFresh(): boolean {
  const { userActivation } = navigator as Navigator & { userActivation?: { hasBeenActive: boolean } };
  const { navigation } = window as Window & { navigation?: { activation?: { from: object | null } | null } };
  const comesFromHere = document.referrer.startsWith(`${location.origin}/`) || Boolean(navigation?.activation?.from);
  // v1 says so after a sign-out, also to browsers that do not know whether a page was used.
  const isSignedOut = new URLSearchParams(location.search).get('redirect') === '';
  return !userActivation?.hasBeenActive && performance.now() < MAX_AGE && !comesFromHere && !isSignedOut;
}

/**
 * Ends when somebody sees the page: a browser may load it in advance, or with twenty others, whose flows would take the
 * place of each other.
 */
export const seen = () =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (document.visibilityState === 'visible') {
        document.removeEventListener('visibilitychange', look);
        resolve();
      }
    };
    document.addEventListener('visibilitychange', look);
    look();
  });

/** Whether one authenticator wants the page to leave. Between two, the user chooses. */
export async function isOnlyOne({ app }: ClientPlugin): Promise<boolean> {
  const all = await callAction(app, 'authenticators:publicList');
  return all.filter(({ authType, options }) => authType === AUTH_TYPE && options.first === 'atOnce').length === 1;
}
