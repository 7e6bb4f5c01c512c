/** Key in sessionStorage, so of this tab alone, and of what is opened from it. */
const STAY = 'dingtalkStay';

/**
 * From now on no sign-in page in this tab leaves for DingTalk by itself. Said of a tab that has shown one, or the end of a
 * sign-in that failed: after a refusal it would be a loop.
 */
export const stayHere = () => sessionStorage.setItem(STAY, '1');

export const staysHere = () => sessionStorage.getItem(STAY) !== null;
