import type { ErrorCode } from '../shared/codes';
import type { Callback } from './callback';
import type { ClientPlugin } from './nocobase';
import { refusalOf } from './request';

/** What a person is told of a failure, and by what an administrator finds it in the log. Kept in sessionStorage by some. */
export interface Failure {
  /** In the language of the person. */
  sentence: string;
  code: string;
  /** By the clock of the browser: of a request that did not arrive no other is known. */
  time: string;
  /** Of the request that failed. */
  requestId?: string;
}

type Translator = Pick<ClientPlugin, 't'>;

/** What the server said; if it gave no answer, what the code `otherwise` says. */
export function failureOf(error: unknown, plugin: Translator, otherwise: ErrorCode = 'SIGN_IN_FAILED'): Failure {
  const { code, message } = refusalOf(error) ?? {};
  return toFailure(code ?? otherwise, message || plugin.t(otherwise), requestIdOf(error));
}

/** Of a code of which no server gave the sentence. */
export const failureOfCode = (code: string, plugin: Translator, requestId?: string | null): Failure =>
  toFailure(code, plugin.t(code), requestId);

/**
 * Why a callback page could not finish.
 *
 * @param error of the server. Where it was not asked, the callback itself tells the code of an error.
 */
export function failureOfCallback(
  plugin: Translator,
  callback: Callback,
  error: unknown,
  otherwise?: ErrorCode,
): Failure {
  if (error) {
    return failureOf(error, plugin, otherwise);
  }
  const code = callback.error || 'STATE_INVALID';
  // Anybody can make a link with any fragment: only codes that are told to persons are shown, never the link's own words.
  return causeOf(code, plugin)
    ? failureOfCode(code, plugin, callback.request)
    : failureOfCode('SIGN_IN_FAILED', plugin);
}

/** On a page of administrators: what they do about it, with the code. */
export const sentenceForAdministrators = ({ code, sentence }: Failure, plugin: Translator): string =>
  `${causeOf(code, plugin) ?? sentence} (${code})`;

/** All that an administrator is told below the sentence, in lines. */
export function linesOf({ code, time, requestId }: Failure, plugin: Translator): string[] {
  return [
    causeOf(code, plugin),
    `${plugin.t('Code')}: ${code}`,
    `${plugin.t('Time')}: ${time}`,
    requestId && `${plugin.t('Request ID')}: ${requestId}`,
  ].filter((line) => line !== undefined);
}

/** Why it happened, and what an administrator does about it. Codes of NocoBase's own have none. */
function causeOf(code: string, plugin: Translator): string | undefined {
  const key = `${code}_CAUSE`;
  // A link may name any code: i18next would read a colon or a dot of its words as part of a key.
  const cause = /^[A-Z_]+$/.test(code) ? plugin.t(key) : key;
  return cause === key ? undefined : cause;
}

const toFailure = (code: string, sentence: string, requestId?: string | null): Failure => ({
  code,
  sentence,
  time: timeOf(new Date()),
  // A link may name any, and a proxy may answer its own.
  requestId: requestId && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(requestId) ? requestId : undefined,
});

/** NocoBase answers it beside each answer, and its log has it in each line of the request. */
const requestIdOf = (error: unknown) =>
  (error as { response?: { headers?: Record<string, string> } } | undefined)?.response?.headers?.['x-request-id'];

/** `2026-11-27 14:05:09 UTC+01:00`: the same in each language, as people read it out to each other. */
export function timeOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + minutes * 60_000).toISOString();
  const twoDigits = (number: number) => String(Math.trunc(Math.abs(number))).padStart(2, '0');
  const zone = `${minutes < 0 ? '-' : '+'}${twoDigits(minutes / 60)}:${twoDigits(minutes % 60)}`;
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} UTC${zone}`;
}
