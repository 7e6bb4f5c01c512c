import { createJsapiTicket, getAppToken, getOrganizationToken } from '../dingtalk/api';
import { DingTalkError, type DingTalkErrorKind, retryOnce } from '../dingtalk/errors';
import { type DingTalkHost, dingTalkUrl } from '../dingtalk/http';
import { getMember } from '../dingtalk/oapi';
import type { SignInErrorDetail } from '../http/errors';
import type { FindingCode } from './findings';
import type { Settings } from './settings';

/** All calls of one check end within this time. */
const TIMEOUT_MS = 5000;

type Meanings = Partial<Record<DingTalkErrorKind, FindingCode>>;

/** What refusals mean, whatever was asked. */
const always: Meanings = { busy: 'DINGTALK_BUSY', ipNotAllowed: 'IP_NOT_ALLOWED' };

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
    ask: async () => ({ accessToken: token } = await retryOnce(() => getAppToken(settings, signal))),
    yes: 'CREDENTIALS_ACCEPTED',
    no: { credentials: 'CREDENTIALS_REFUSED' },
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
    { host: 'DINGTALK_API_URL', ask: () => createJsapiTicket(token, signal), yes: 'IP_ALLOWED' },
  ];
  if (isUsual(corpId)) {
    questions.push({
      host: 'DINGTALK_API_URL',
      ask: () => getOrganizationToken(settings, corpId, signal),
      yes: 'CORP_ID_CONFIRMED',
      // DingTalk does not say how it refuses an organisation that is not the app's: a refusal proves nothing.
      no: { unexpected: 'CORP_ID_UNCONFIRMED', token: 'CORP_ID_UNCONFIRMED' },
    });
  }
  if (autoSignIn) {
    questions.push({
      host: 'DINGTALK_OAPI_URL',
      ask: () => askForAbsentMember(token, signal),
      yes: 'MEMBERS_READABLE',
      no: { permission: 'MEMBERS_NOT_READABLE' },
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
    if (!(error instanceof DingTalkError)) {
      throw error;
    }
    const { kind, reason, status, dingTalkCode = `HTTP ${status}`, logFields: detail } = error;
    if (kind === 'unreachable') {
      return [{ code: 'DINGTALK_UNREACHABLE', values: { ...values, reason }, detail }];
    }
    const meaning = { ...always, ...no }[kind] ?? 'DINGTALK_ANSWER_UNKNOWN';
    return [reached, { code: meaning, values: { answer: dingTalkCode }, detail }];
  }
}

/** How DingTalk refuses a member that cannot exist. Only an app with the permission to read members gets this far. */
const ABSENT_MEMBER = new Set(['60121', '33012', '400002', '50002']);

async function askForAbsentMember(token: string, signal: AbortSignal): Promise<void> {
  try {
    await getMember(token, 'nobody-configuration-check', signal);
  } catch (error) {
    if (!(error instanceof DingTalkError) || !ABSENT_MEMBER.has(error.dingTalkCode ?? '')) {
      throw error;
    }
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
