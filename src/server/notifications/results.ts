import { setTimeout } from 'node:timers/promises';
import type { Application } from '@nocobase/server';
import type { LossCode } from '../../shared/codes';
import type { Settings } from '../configuration/settings';
import { withAppToken } from '../dingtalk/app-token';
import { DingTalkError } from '../dingtalk/errors';
import { getSendResult, type SendResult } from '../dingtalk/work-notification';

/** What DingTalk did with the message to one member. */
export type Fate = 'delivered' | { loss: LossCode; dingTalkCode?: string };

/** Why DingTalk dropped a message, by its code. */
const reasons = new Map<string, LossCode>([
  ['143103', 'LOST_TOO_MANY_A_MINUTE'],
  ['143104', 'LOST_TOO_MANY_A_MINUTE'],
  ['143105', 'LOST_TOO_MANY_A_DAY'],
  ['143106', 'LOST_DUPLICATE'],
  ['1430002', 'LOST_FORBIDDEN_WORDS'],
  ['1430003', 'LOST_PROTECTED'],
  ['1430004', 'LOST_PROTECTED'],
]);

/** What a result says of each member of whom it says anything. */
export function fatesOf(result: SendResult): Map<string, Fate> {
  const lost = (userids: string[], loss: LossCode) => userids.map((userid) => [userid, { loss }] as const);
  return new Map<string, Fate>([
    ...lost(result.failed, 'LOST_OTHERWISE'),
    ...lost(result.outside, 'LOST_OUT_OF_SCOPE'),
    ...lost(result.invalid, 'LOST_INVALID'),
    ...result.dropped.map(
      ({ userid, code }) => [userid, { loss: reasons.get(code) ?? 'LOST_OTHERWISE', dingTalkCode: code }] as const,
    ),
    // Last: whoever got it, got it.
    ...result.delivered.map((userid) => [userid, 'delivered'] as const),
  ]);
}

/** When DingTalk is asked, one time after the other, until it has told of everybody. */
export const RESULT_PAUSES_MS = [5000, 10_000, 20_000];

interface Asked {
  settings: Settings & { agentId: string };
  task: string;
  userids: string[];
  pauses: number[];
  callMs: number;
  signal: AbortSignal;
}

/** @returns what is known at the end, and how many calls DingTalk may have counted */
export async function askFates(
  app: Application,
  { settings, task, userids, pauses, callMs, signal }: Asked,
): Promise<{ fates: Map<string, Fate>; counted: number }> {
  let fates = new Map<string, Fate>();
  let counted = 0;
  for (const pause of pauses) {
    if (userids.every((userid) => fates.has(userid))) {
      break;
    }
    await setTimeout(pause, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) {
      break;
    }
    const ofCall = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    try {
      const result = await withAppToken(
        { app: settings, cache: app.cache, signal: ofCall, renewalMs: callMs },
        (token) => {
          counted++;
          return getSendResult(token, { agentId: settings.agentId, taskId: task }, ofCall);
        },
      );
      fates = fatesOf(result);
    } catch (error) {
      if (!(error instanceof DingTalkError)) {
        throw error;
      }
      // Nothing is known then; the next answer may be a better one.
    }
  }
  return { fates, counted };
}
