import { AUTH_TYPE } from '../../../shared/constants';
import type { ClientPlugin } from '../../nocobase';
import { callAction } from '../../request';
import { stayHere, staysHere } from './stay';

/** NocoBase's page as it is, whatever the settings say: `/signin?method=password`. */
export const isPasswordWanted = () => new URLSearchParams(location.search).get('method') === 'password';

/** Pages that lead to the sign-in page, and whose users come for a password. */
const FOR_PASSWORDS = /\/(signup|forgot-password|reset-password)\b/;

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
    !FOR_PASSWORDS.test(addressOfLoad());
  stayHere();
  return may;
}

/** The page with which this document began: NocoBase shows the others without loading anything anew. */
const addressOfLoad = () => performance.getEntriesByType('navigation')[0]?.name ?? '';

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
