/** Key in sessionStorage, so of this tab alone, and of what is opened from it. */
const STAY = 'dingtalkStay';

/**
 * From now on no sign-in page in this tab leaves for DingTalk by itself. Said of a tab that has left once, that had a
 * session, or whose user wants another way: after a refusal it would be a loop, and after a sign-out, or the end of a
 * session, it would sign in again whoever left.
 */
export const stayHere = () => sessionStorage.setItem(STAY, '1');

export const staysHere = () => sessionStorage.getItem(STAY) !== null;
