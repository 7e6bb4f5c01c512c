/** What stands in the fragment of a callback page. Anybody can make a link with any. */
export type Callback = Partial<Record<'authenticator' | 'flow' | 'error' | 'request' | 'code' | 'state', string>>;

/**
 * What `dingtalk:redirect` handed over: a flow, or the code of an error with the ID of the request. None is a secret, so that
 * the address bar may keep it: a flow is finished once, and only in the browser that has its cookies. The previous version,
 * which answers after an update until NocoBase restarts, handed over the code and its state.
 */
export const readCallback = (): Callback => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
