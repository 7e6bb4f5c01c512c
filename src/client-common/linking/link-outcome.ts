/** What came of linking an account. */
export interface LinkOutcome {
  /** The sentence of a failure. */
  failure?: string;
}

const KEY = 'dingtalk-link-outcome';

/** For the account page, which another page of this tab opens. */
export const leaveOutcome = (outcome: LinkOutcome) => sessionStorage.setItem(KEY, JSON.stringify(outcome));

/** Told once. */
export function takeOutcome(): LinkOutcome | undefined {
  const outcome = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return outcome ? JSON.parse(outcome) : undefined;
}
