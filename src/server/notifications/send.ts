import { setTimeout } from 'node:timers/promises';
import type { Application } from '@nocobase/server';
import type { ErrorCode, LossCode } from '../../shared/codes';
import type { Settings } from '../configuration/settings';
import { Allowance } from '../dingtalk/allowance';
import { withAppToken } from '../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import { MAX_RECEIVERS, mayHaveSent, sendWorkNotification, type WorkMessage } from '../dingtalk/work-notification';
import { CodedError } from '../http/coded-error';
import { Silence, type Tally } from './silence';

/** How many calls of a message are under way at once. */
const SIDE_BY_SIDE = 4;

/** Pauses before a call is repeated of which DingTalk surely took nothing. */
const PAUSES_MS = [500, 1000, 2000, 4000];

/** What DingTalk allows an app; more people in a minute get nothing, without an error. */
const CALLS_A_SECOND = 15;
export const PEOPLE_A_MINUTE = 5000;

interface Limits {
  calls: Allowance;
  people: Allowance;
  silence: Silence;
}

const limits = new Map<string, Limits>();

/** Those of one app, in this process. */
export function limitsOf(clientId: string): Limits {
  const own = limits.get(clientId) ?? {
    calls: new Allowance(CALLS_A_SECOND, 1000),
    people: new Allowance(PEOPLE_A_MINUTE, 60_000),
    silence: new Silence(),
  };
  limits.set(clientId, own);
  return own;
}

/** Of one call. */
export interface Sent {
  userids: string[];
  /** ID of DingTalk's task, where it took the message over. */
  task?: string;
  isAccepted: boolean;
  /** Why not. */
  loss?: LossCode | ErrorCode;
  /** DingTalk's own code. */
  dingTalkCode?: string;
}

interface Sending {
  settings: Settings & { agentId: string };
  message: WorkMessage;
  /** Of the message. */
  tally: Tally;
  /** Ends the message: what has not begun by then is not sent. */
  signal: AbortSignal;
  callMs: number;
}

/** @returns what came of each call, and how many calls DingTalk may have counted */
export async function sendToAll(
  app: Application,
  userids: string[],
  sending: Sending,
): Promise<{ sent: Sent[]; counted: number }> {
  const { people } = limitsOf(sending.settings.clientId);
  const now = userids.slice(0, Math.max(0, people.left()));
  people.take(now.length);
  const batches = Array.from({ length: Math.ceil(now.length / MAX_RECEIVERS) }, (_, index) =>
    now.slice(index * MAX_RECEIVERS, (index + 1) * MAX_RECEIVERS),
  );
  const sent: Sent[] = [];
  let counted = 0;
  const work = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const { calls, ...one } = await sendOne(app, batch, sending);
      counted += calls;
      sent.push(one);
      // What is true of the app is true of the next call, which would count as well.
      if (one.loss && ofApp.has(one.loss)) {
        sent.push(...batches.splice(0).map((rest) => ({ ...one, userids: rest })));
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const late = userids.slice(now.length);
  const refused = late.length ? [{ userids: late, isAccepted: false, loss: 'TOO_MANY_A_MINUTE' as const }] : [];
  return { sent: [...sent, ...refused], counted };
}

async function sendOne(
  app: Application,
  userids: string[],
  { settings, message, tally, signal, callMs }: Sending,
): Promise<Sent & { calls: number }> {
  const { agentId, clientId } = settings;
  let failure: unknown;
  let calls = 0;
  for (const pause of [0, ...PAUSES_MS]) {
    if (pause) {
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
    }
    if (!(await limitsOf(clientId).calls.turn(signal))) {
      break;
    }
    const ofCall = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    try {
      const task = await withAppToken(
        { app: settings, cache: app.cache, signal: ofCall, renewalMs: callMs },
        (token) => {
          calls++;
          return sendWorkNotification(token, { agentId, userids, message }, ofCall);
        },
      );
      tally.answered++;
      return { userids, isAccepted: true, calls, ...(task && { task }) };
    } catch (error) {
      failure = error;
      tally[isUnanswered(error) ? 'unanswered' : 'answered']++;
      if (mayHaveSent(error) || !isWorthRepeating(error)) {
        break;
      }
    }
  }
  return { userids, isAccepted: false, calls, ...lossOf(failure) };
}

/** DingTalk has said nothing, not even that it was too busy. */
export const isUnanswered = (error: unknown) => error instanceof DingTalkError && error.kind === 'unreachable';

/** DingTalk was too busy, or could not be reached: a moment later it may be otherwise. */
const isWorthRepeating = (error: unknown) =>
  isUnanswered(error) || (error instanceof DingTalkError && error.kind === 'busy');

const codeOfKind: Partial<Record<DingTalkErrorKind, LossCode | ErrorCode>> = {
  unreachable: 'DINGTALK_UNAVAILABLE',
  busy: 'DINGTALK_BUSY',
  credentials: 'CREDENTIALS_INVALID',
  permission: 'MESSAGE_PERMISSION',
  ipNotAllowed: 'IP_NOT_ALLOWED',
  agent: 'AGENT_ID_WRONG',
  quota: 'QUOTA_USED_UP',
  receivers: 'RECEIVER_REFUSED',
  notMember: 'RECEIVER_REFUSED',
  scope: 'RECEIVER_REFUSED',
};

/** Of these, no other call of the message would fare better. */
const ofApp = new Set<LossCode | ErrorCode>([
  'CREDENTIALS_INVALID',
  'MESSAGE_PERMISSION',
  'IP_NOT_ALLOWED',
  'AGENT_ID_WRONG',
  'QUOTA_USED_UP',
]);

function lossOf(failure: unknown): Pick<Sent, 'loss' | 'dingTalkCode'> {
  if (failure === undefined) {
    return { loss: 'NOT_IN_TIME' };
  }
  if (!(failure instanceof DingTalkError)) {
    return { loss: failure instanceof CodedError ? failure.code : 'MAY_HAVE_ARRIVED' };
  }
  const { kind, dingTalkCode } = failure;
  const loss = mayHaveSent(failure) ? 'MAY_HAVE_ARRIVED' : (codeOfKind[kind] ?? 'MESSAGE_REFUSED');
  return { loss, dingTalkCode };
}
