import { TIMEOUT_MS } from '../dingtalk/agents';
import { requestAppToken } from '../dingtalk/app-token';
import { type DingTalkHost, dingTalkUrl } from '../dingtalk/hosts';
import { probeMembers, probeOrganization, probeServerAddress } from '../dingtalk/probes';
import { twiceAtMost } from '../dingtalk/retry';
import { SignInError, type SignInErrorCode, type SignInErrorDetail } from '../http/errors';
import type { FindingCode } from '../../shared/codes';
import type { Settings } from './settings';

type Meanings = Partial<Record<SignInErrorCode, FindingCode>>;

/** What refusals mean, whatever was asked. */
const always: Meanings = { DINGTALK_BUSY: 'DINGTALK_BUSY', IP_NOT_ALLOWED: 'IP_NOT_ALLOWED' };

export interface Finding {
  code: FindingCode;
  /** For the sentence. */
  values?: Record<string, string>;
  /** For the log. */
  detail?: SignInErrorDetail;
}

interface Question {
  host: DingTalkHost;
  ask: () => Promise<unknown>;
  /** What it means that DingTalk answers. */
  yes: FindingCode;
  /** What its refusals mean. */
  no?: Meanings;
}

/** Asks DingTalk what it says to these settings: at the most four calls, which together take five seconds. */
export async function checkSettings(settings: Settings): Promise<Finding[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let token = '';
  const found = await findingsOf({
    host: 'DINGTALK_API_URL',
    ask: async () => ({ accessToken: token } = await twiceAtMost(() => requestAppToken(settings, signal))),
    yes: 'CREDENTIALS_ACCEPTED',
    no: { CREDENTIALS_INVALID: 'CREDENTIALS_REFUSED' },
  });
  if (token) {
    const more = questionsAsApp(settings, token, signal).map(findingsOf);
    found.push(...(await Promise.all(more)).flat());
  }
  found.push(...lookAtCorpId(settings), { code: 'PERMISSIONS_UNSEEN' });
  // DingTalk may give several questions the same answer: that it is busy, say.
  return [...new Map(found.map((finding) => [`${finding.code} ${finding.values?.host}`, finding])).values()];
}

function questionsAsApp(settings: Settings, token: string, signal: AbortSignal): Question[] {
  const { corpId, autoSignIn } = settings;
  const questions: Question[] = [
    { host: 'DINGTALK_API_URL', ask: () => probeServerAddress(token, signal), yes: 'IP_ALLOWED' },
  ];
  if (isUsual(corpId)) {
    questions.push({
      host: 'DINGTALK_API_URL',
      ask: () => probeOrganization(settings, corpId, signal),
      yes: 'CORP_ID_CONFIRMED',
      // DingTalk does not say how it refuses an organisation that is not the app's: a refusal proves nothing.
      no: { DINGTALK_UNAVAILABLE: 'CORP_ID_UNCONFIRMED' },
    });
  }
  if (autoSignIn) {
    questions.push({
      host: 'DINGTALK_OAPI_URL',
      ask: () => probeMembers(token, signal),
      yes: 'MEMBERS_READABLE',
      no: { PERMISSION_MISSING: 'MEMBERS_NOT_READABLE' },
    });
  }
  return questions;
}

async function findingsOf({ host, ask, yes, no }: Question): Promise<Finding[]> {
  const values = { host: nameOf(host) };
  const reached: Finding = { code: 'DINGTALK_REACHED', values };
  try {
    await ask();
    return [reached, { code: yes }];
  } catch (error) {
    if (!(error instanceof SignInError)) {
      throw error;
    }
    const { code, detail } = error;
    const { httpStatus, dingTalkCode = `HTTP ${httpStatus}`, reason = code } = detail;
    if (!httpStatus) {
      return [{ code: 'DINGTALK_UNREACHABLE', values: { ...values, reason }, detail }];
    }
    const meaning = { ...always, ...no }[code] ?? 'DINGTALK_ANSWER_UNKNOWN';
    return [reached, { code: meaning, values: { answer: dingTalkCode }, detail }];
  }
}

function nameOf(host: DingTalkHost): string {
  try {
    return dingTalkUrl(host, '/').host;
  } catch {
    return host;
  }
}

function lookAtCorpId({ corpId, autoSignup, autoSignIn }: Settings): Finding[] {
  if (corpId) {
    return isUsual(corpId) ? [] : [{ code: 'CORP_ID_UNUSUAL' }];
  }
  const missing: Finding = { code: autoSignup ? 'ANYONE_CAN_REGISTER' : 'CORP_ID_MISSING' };
  return autoSignIn ? [missing, { code: 'AUTO_SIGN_IN_WITHOUT_CORP_ID' }] : [missing];
}

/** What is none is not asked for: it would be part of an address. */
const isUsual = (corpId: string | undefined): corpId is string => /^ding[\da-z]+$/i.test(corpId ?? '');
