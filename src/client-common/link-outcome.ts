/** What came of linking an account: the name of the authenticator, or the sentence of a failure. */
export type LinkOutcome = { authenticator: string; failure?: undefined } | { failure: string };

const KEY = 'dingtalk-link-outcome';

/** For the account page, which another page of this tab opens. */
export const leaveOutcome = (outcome: LinkOutcome) => sessionStorage.setItem(KEY, JSON.stringify(outcome));

/** Told once. */
export function takeOutcome(): LinkOutcome | undefined {
  const outcome = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return outcome ? JSON.parse(outcome) : undefined;
}
