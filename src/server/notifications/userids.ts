import type { Application } from '@nocobase/server';
import type { ErrorCode, LossCode } from '../../shared/codes';
import type { Settings } from '../configuration/settings';
import { withAppToken } from '../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import { getMemberByUnionId } from '../dingtalk/oapi';
import { paceOf } from '../directory/read/reader';
import type { Receiver } from './receivers';
import { isUnanswered } from './send';
import type { Tally } from './silence';

const ENDPOINT = 'user/getbyunionid';
const EMPLOYEE = '0';

/** What is the same for everybody, so that nobody else is asked for. */
const lasting: Partial<Record<DingTalkErrorKind, ErrorCode>> = {
  permission: 'PERMISSION_MISSING',
  ipNotAllowed: 'IP_NOT_ALLOWED',
  credentials: 'CREDENTIALS_INVALID',
  quota: 'QUOTA_USED_UP',
};

/** What DingTalk said of one account. */
export type Found = { userid: string } | { loss: LossCode | ErrorCode };

interface Asking {
  settings: Settings;
  /** Of the message. */
  tally: Tally;
  /** Ends the asking; who was not asked by then is `NOT_LOOKED_UP`. */
  signal: AbortSignal;
  callMs: number;
}

/**
 * Asks DingTalk for the userids of accounts, in the pace of the app. These calls are free. A userid of an external contact
 * is none of a member.
 */
export async function askUserids(
  app: Application,
  receivers: Receiver[],
  { settings, tally, signal, callMs }: Asking,
): Promise<Map<Receiver, Found>> {
  const found = new Map<Receiver, Found>();
  const stop = new AbortController();
  let reason: LossCode | ErrorCode = 'NOT_LOOKED_UP';
  const until = AbortSignal.any([signal, stop.signal]);
  const ask = async (receiver: Receiver): Promise<Found> => {
    try {
      const { userid, contact_type: type } = await paceOf(settings.clientId).run(
        ENDPOINT,
        () => {
          const ofCall = AbortSignal.any([until, AbortSignal.timeout(callMs)]);
          return withAppToken({ app: settings, cache: app.cache, signal: ofCall, renewalMs: callMs }, (token) =>
            getMemberByUnionId(token, String(receiver.unionId), ofCall),
          );
        },
        until,
      );
      tally.answered++;
      return type === EMPLOYEE ? { userid } : { loss: 'EXTERNAL_CONTACT' };
    } catch (error) {
      if (!(error instanceof DingTalkError)) {
        throw error;
      }
      tally[isUnanswered(error) ? 'unanswered' : 'answered']++;
      const code = lasting[error.kind];
      if (code) {
        reason = code;
        stop.abort();
      }
      return { loss: error.kind === 'notMember' ? 'NOT_OF_ORGANIZATION' : reason };
    }
  };
  await Promise.all(receivers.map(async (receiver) => found.set(receiver, await ask(receiver))));
  return found;
}
