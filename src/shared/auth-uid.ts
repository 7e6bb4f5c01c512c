/**
 * Whether the name of an authenticator, its Auth UID, arrives as it is. Browsers send it in the header `X-Authenticator`,
 * with every sign-in and with every request of the session that follows:
 *
 * - A character beyond Latin-1, a line break and NUL are refused by the browser itself: the request is never sent.
 * - Other control characters are refused by the server, as a bad request.
 * - Blanks at the ends are cut off on the way, so that no authenticator has the name that arrives.
 * - Of the rest of Latin-1 HTTP promises nothing (RFC 9110, 5.5: opaque data): a proxy may refuse or recode it.
 *
 * NocoBase's forms are stricter, and take letters, digits, `_` and `-`; its API takes anything.
 */
export const isSendable = (name: string): boolean => /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(name);
