import { z } from 'zod';
import { flag, listOf } from './address-book';
import { type DirectoryEvent, eventOfFailedCallback } from './event';
import { callOapi } from './oapi';

/** Up to 200 events, each of which may name hundreds of ids. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export const failedCallbacksSchema = z
  .object({ has_more: flag.catch(false), failed_list: listOf(z.unknown()).nullish() })
  .transform(({ has_more: hasMore, failed_list: list }) => ({
    hasMore,
    // One that nobody can read must not keep the others back.
    events: (list ?? []).map(eventOfFailedCallback).filter((event) => event !== undefined),
  }));

/**
 * The events whose HTTP pushes failed, at most 200; DingTalk lists them some minutes after the last try. Where there are
 * more, the next call answers them. Keep them at once: DingTalk is said to forget what it has answered. Document:
 * `obtain-the-event-list-of-failed-push-messages`.
 *
 * @throws DingTalkError also `ipNotAllowed`, `token`
 */
export function getFailedCallbacks(
  appToken: string,
  signal: AbortSignal,
): Promise<{ hasMore: boolean; events: DirectoryEvent[] }> {
  const request = { method: 'GET', fieldsIn: 'answer', maxAnswerBytes: MAX_ANSWER_BYTES, appToken, signal } as const;
  return callOapi('/call_back/get_call_back_failed_result', failedCallbacksSchema, request);
}
