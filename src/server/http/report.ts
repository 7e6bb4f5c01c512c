import type { Context } from '@nocobase/actions';
import {
  type CaseCode,
  type CauseKey,
  type ErrorCode,
  errorCodes,
  type FindingCode,
  findingCodes,
  keyForAdministrators,
  type SyncText,
} from '../../shared/codes';
import { PACKAGE_NAME } from '../../shared/constants';
import type { Finding } from '../../shared/contract';
import english from '../../locale/en-US.json';
import { CodedError, type SentenceValues } from './coded-error';

/** Clients choose a part of what is logged; without a limit they could fill the disk with long values. */
const MAX_LOGGED_TEXT = 250;

/** What a request is about. `DingTalk ${topic}` is the message of its log line, and the code is that of our own fault. */
const faultOf = {
  'sign-in': 'SIGN_IN_FAILED',
  link: 'LINK_FAILED',
  'configuration check': 'CHECK_FAILED',
  'sign-in test': 'CHECK_FAILED',
  directory: 'SYNC_FAILED',
  events: 'EVENTS_FAILED',
  message: 'MESSAGE_FAILED',
} as const satisfies Record<string, ErrorCode>;

export type Topic = keyof typeof faultOf;

interface Success {
  outcome: 'SIGNED_IN' | 'LINKED' | 'UNLINKED' | 'BLOCKED' | 'UNBLOCKED' | 'ENDED';
  authenticator: string;
  /** Of the user who is signed in now, or whose link has changed. */
  userId?: string;
  /** What decided who it is, see docs/identity.md. */
  rule?: 2 | 3 | 5 | 8 | 'confirmed' | 'administrator';
  /** ID of the administrator who did it. */
  by?: string;
}

/**
 * Logs a success: every sign-in and every change of a link has one line in the log, whatever its outcome. A binding that
 * is new is a warning, as it is what an administrator would look for after an incident.
 */
export function logSuccess(ctx: Context, topic: Topic, fields: Success): void {
  const { rule = 2 } = fields;
  ctx.logger[rule === 2 ? 'info' : 'warn'](`DingTalk ${topic}`, fields);
}

/** What is known of a request that failed. */
interface Concerned {
  /** Name of the authenticator, as the client sent it. */
  authenticator?: string;
  /** ID of the user whom it concerns. */
  userId?: string;
}

/**
 * Logs a failure.
 *
 * @returns the code that the user is told. An error without a code is a fault of ours.
 */
export function reportFailure(
  ctx: Context,
  topic: Topic,
  error: unknown,
  { authenticator, userId }: Concerned = {},
): ErrorCode {
  const { code, detail } =
    error instanceof CodedError ? error : new CodedError(faultOf[topic], { reason: describe(error) });
  ctx.logger[errorCodes[code].status === 500 ? 'error' : 'warn'](`DingTalk ${topic}`, {
    outcome: code,
    authenticator: authenticator?.slice(0, MAX_LOGGED_TEXT),
    ...(userId && { userId }),
    ...detail,
    reason: detail.reason?.slice(0, MAX_LOGGED_TEXT),
  });
  return code;
}

/**
 * Of this request, in each of its lines in NocoBase's logs; NocoBase answers it in this header. Not `ctx.reqId`: all
 * requests share that, and it is the ID of whichever came last.
 */
export const requestIdOf = ({ response }: Context): string => response.get('X-Request-Id');

/** Options of i18next: values are shown as they are, and what they say is no part of the template. */
export const asData = { interpolation: { escapeValue: false, skipOnVariables: true } };

type Text = ErrorCode | FindingCode | CaseCode | SyncText;

/** In the language of the request. Of a code, what administrators are told. */
export const say = (ctx: Context, key: Text, values?: object): string =>
  translate(ctx, keyForAdministrators(key), values);

function translate(ctx: Context, key: Text | CauseKey, values: object = {}): string {
  return ctx.t(key, {
    ns: PACKAGE_NAME,
    defaultValue: english[key],
    ...asData,
    ...values,
  });
}

/** A line of a check or a test, with its sentence. */
export const toFinding = (ctx: Context, { code, values }: { code: FindingCode; values?: object }): Finding => ({
  code,
  ...findingCodes[code],
  message: say(ctx, code, values),
});

/** The sentence of a code as administrators read it in an answer or a report, with the code. */
export const sayWithCode = (ctx: Context, code: ErrorCode, values?: object): string =>
  `${say(ctx, code, values)} (${code})`;

/** Logs a failure, and ends the request with its sentence. */
export function refuse(ctx: Context, topic: Topic, error: unknown, concerned?: Concerned): never {
  const values = error instanceof CodedError ? error.values : {};
  return throwUserError(ctx, topic, reportFailure(ctx, topic, error, concerned), values);
}

/** A person wants to sign in or to link an account: pages put all that is for an administrator below the sentence. */
const ofPersons: Topic[] = ['sign-in', 'link'];

/**
 * Ends the request with the sentence of a code, in the user's language, and with the code itself, which the user can
 * tell the administrator.
 *
 * It has been logged by then. NocoBase logs each error once more, with a stack of 3 kB in two files: a stranger could
 * fill the disk with empty requests.
 */
export function throwUserError(ctx: Context, topic: Topic, code: ErrorCode, values?: SentenceValues): never {
  const message = ofPersons.includes(topic) ? translate(ctx, code, values) : sayWithCode(ctx, code, values);
  return ctx.throw(errorCodes[code].status, message, { code, logLevel: 'trace' });
}

/**
 * Name and place of an unexpected error. Its message is left out: that of a database error holds the values of the
 * statement, a phone number among them.
 */
export function describe(error: unknown): string {
  const place = error instanceof Error ? error.stack?.match(/^\s+at .*$/m)?.[0].trim() : undefined;
  return [error instanceof Error ? error.name : typeof error, place].filter(Boolean).join(' ');
}
