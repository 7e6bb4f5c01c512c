/**
 * What went wrong, by what one can do about it:
 *
 * - `unreachable`: no complete answer in time; look at the network, the proxy, the configured host
 * - `unexpected`: an answer that is not DingTalk's, a fault of DingTalk's own, or a refusal that is not known here
 * - `busy`: throttled, or this server's address is banned for some minutes; ask later
 * - `credentials`: Client ID and Client Secret do not belong together, or the app is not published
 * - `permission`: the app lacks a permission for this endpoint
 * - `ipNotAllowed`: this server's address is not on the app's list
 * - `token`: the access token is unknown or expired; get another one
 * - `code`: the authorization code is unknown, used or expired
 * - `notMember`: the organization has no such member, or the app is not open to this member
 * - `scope`: the member or the department is outside of the part of the organization that the app may see
 * - `gone`: the organization has no such department
 * - `agent`: the Agent ID is not that of the app
 * - `quota`: the organization has used up its calls of this month
 * - `receivers`: the list of those who are to get a message is not accepted
 * - `message`: the message itself is not accepted
 */
export type DingTalkErrorKind =
  | 'unreachable'
  | 'unexpected'
  | 'busy'
  | 'credentials'
  | 'permission'
  | 'ipNotAllowed'
  | 'token'
  | 'code'
  | 'notMember'
  | 'scope'
  | 'gone'
  | 'agent'
  | 'quota'
  | 'receivers'
  | 'message';

/** What a log may know of a failed call. Never a secret, code, token or phone number. */
export interface DingTalkErrorDetail {
  /** Path of the endpoint that was asked. */
  endpoint: string;
  /** What happened, in words for an administrator. */
  reason: string;
  /** HTTP status of DingTalk's answer; none where there is no complete answer. */
  status?: number;
  /** DingTalk's own error code. */
  dingTalkCode?: string;
  /** DingTalk's support asks for it. */
  requestId?: string;
  /** Why there is no answer: `ENOTFOUND`, `ECONNRESET`. */
  networkCode?: string;
  /** Whether a setting of this server forbids to call the host. Then nothing was sent. */
  isForbidden?: boolean;
}

/**
 * The only error that the functions of this folder throw.
 *
 * NocoBase prints an error's enumerable properties and its `cause`. The request, whose body holds the Client Secret,
 * must therefore never hang on this error: an axios error, which holds it, is not kept as the `cause` either.
 */
export class DingTalkError extends Error {
  override readonly name = 'DingTalkError';
  readonly endpoint: string;
  readonly reason: string;
  readonly status?: number;
  readonly dingTalkCode?: string;
  readonly requestId?: string;
  readonly networkCode?: string;
  readonly isForbidden?: boolean;

  constructor(
    readonly kind: DingTalkErrorKind,
    { endpoint, reason, status, dingTalkCode, requestId, networkCode, isForbidden }: DingTalkErrorDetail,
  ) {
    super(`${endpoint}: ${reason}`);
    this.endpoint = endpoint;
    this.reason = reason;
    this.status = status;
    this.dingTalkCode = dingTalkCode;
    this.requestId = requestId;
    this.networkCode = networkCode;
    this.isForbidden = isForbidden;
  }

  /** The same, as the plugin's log lines name the fields. */
  get logFields() {
    const { endpoint, reason, status, dingTalkCode, requestId, networkCode } = this;
    return { endpoint, reason, httpStatus: status, dingTalkCode, requestId, networkCode };
  }
}

/**
 * Whether the same call may succeed a moment later: the connection broke, or DingTalk has a fault of its own (`-1` of
 * oapi.dingtalk.com). To repeat a throttled or forbidden call would lengthen the ban.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof DingTalkError)) {
    return false;
  }
  const { kind, networkCode, status = 0, dingTalkCode } = error;
  return networkCode === 'ECONNRESET' || (kind === 'unexpected' && (status >= 500 || dingTalkCode === '-1'));
}

/** Whether somebody has to change a setting, here or at DingTalk, before another call can succeed. */
export function isRefused({ kind, isForbidden }: DingTalkError): boolean {
  return isForbidden === true || kind === 'credentials' || kind === 'permission' || kind === 'ipNotAllowed';
}

/** Calls again, once, after a transient failure. Only for calls that change nothing: an authorization code works once. */
export async function retryOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isTransient(error)) {
      return call();
    }
    throw error;
  }
}
