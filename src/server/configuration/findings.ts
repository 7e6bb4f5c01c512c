import type { FindingCode } from '../../shared/codes';
import { isWellFormedCorpId } from '../dingtalk/api';
import type { DingTalkError, DingTalkErrorKind } from '../dingtalk/errors';
import { isWellFormedAgentId } from '../dingtalk/work-notification';
import type { ErrorDetail } from '../http/coded-error';
import type { NocoBaseState } from './nocobase';
import type { Settings } from './settings';

export interface Found {
  code: FindingCode;
  /** For the sentence. */
  values?: Record<string, string>;
  /** For the log. */
  detail?: ErrorDetail;
}

/** How DingTalk answered one question: `failure` where it did not, or refused. */
export interface Answer {
  /** Host that was asked, or the environment variable that should name it. */
  host: string;
  failure?: DingTalkError;
}

type Meanings = Partial<Record<DingTalkErrorKind, FindingCode>>;

/** What a refusal means, whatever was asked. */
const commonMeanings: Meanings = { busy: 'DINGTALK_BUSY', ipNotAllowed: 'IP_NOT_ALLOWED' };

/** The questions in the order of the findings, and what DingTalk's answers to each mean. */
const meanings = {
  credentials: { onSuccess: 'CREDENTIALS_ACCEPTED', onRefusal: { credentials: 'CREDENTIALS_REFUSED' } },
  serverAddress: { onSuccess: 'IP_ALLOWED', onRefusal: {} },
  organization: {
    onSuccess: 'CORP_ID_CONFIRMED',
    // DingTalk's documents do not say how it refuses an organization that is not the app's: a refusal proves nothing.
    onRefusal: { unexpected: 'CORP_ID_UNCONFIRMED', token: 'CORP_ID_UNCONFIRMED' },
  },
  members: { onSuccess: 'MEMBERS_READABLE', onRefusal: { permission: 'MEMBERS_NOT_READABLE' } },
} as const satisfies Record<string, { onSuccess: FindingCode; onRefusal: Meanings }>;

export type Question = keyof typeof meanings;

/** What DingTalk is asked of these settings, after it has accepted the credentials. */
export function questionsOf({ corpId, autoSignIn }: Settings): Exclude<Question, 'credentials'>[] {
  return [
    'serverAddress',
    ...(isWellFormedCorpId(corpId) ? (['organization'] as const) : []),
    ...(autoSignIn ? (['members'] as const) : []),
  ];
}

/** What the check tells the administrator: of DingTalk's answers first, then of the settings themselves. */
export function findingsOf(settings: Settings, answers: Partial<Record<Question, Answer>>): Found[] {
  const ofAnswers = (Object.keys(meanings) as Question[]).flatMap((question) => {
    const answer = answers[question];
    return answer ? meaningOf(question, answer) : [];
  });
  const all: Found[] = [...ofAnswers, ...findingsOfCorpId(settings), { code: 'PERMISSIONS_UNSEEN' }];
  // Several questions may have the same answer, for example that DingTalk is busy.
  return [...new Map(all.map((found) => [`${found.code} ${found.values?.host}`, found])).values()];
}

function meaningOf(question: Question, { host, failure }: Answer): Found[] {
  const reached: Found = { code: 'DINGTALK_REACHED', values: { host } };
  const { onSuccess, onRefusal } = meanings[question];
  if (!failure) {
    return [reached, { code: onSuccess }];
  }
  const { kind, reason, status, dingTalkCode = `HTTP ${status}`, logFields: detail } = failure;
  if (kind === 'unreachable') {
    return [{ code: 'DINGTALK_UNREACHABLE', values: { host, reason }, detail }];
  }
  const all: Meanings = { ...commonMeanings, ...onRefusal };
  return [reached, { code: all[kind] ?? 'DINGTALK_ANSWER_UNKNOWN', values: { answer: dingTalkCode }, detail }];
}

function findingsOfCorpId({ corpId, autoSignup, autoSignIn }: Settings): Found[] {
  if (corpId) {
    return isWellFormedCorpId(corpId) ? [] : [{ code: 'CORP_ID_UNUSUAL' }];
  }
  const missing: Found = { code: autoSignup ? 'ANYONE_CAN_REGISTER' : 'CORP_ID_MISSING' };
  return autoSignIn ? [missing, { code: 'AUTO_SIGN_IN_WITHOUT_CORP_ID' }] : [missing];
}

/** What every new user has at the first sign-in. */
function providedFields({ signUpWithoutPhone, emailDomains }: Settings): string[] {
  return ['nickname', ...(signUpWithoutPhone ? [] : ['phone']), ...(emailDomains.length ? ['email'] : [])];
}

/** What the check tells the administrator of NocoBase itself: whom it would let in, or let become somebody else. */
export function findingsOfNocoBase(settings: Settings, nocobase: NocoBaseState): Found[] {
  const { matchByPhone, autoSignup, signUpWithoutPhone, agentId } = settings;
  const { openSignUps, canEditProfile, isDefaultRolePrivileged, requiredFields, limitedFields } = nocobase;
  const { unpublished, channels } = nocobase;
  const provided = providedFields(settings);
  const missing = requiredFields.filter(({ name }) => !provided.includes(name));
  const doubtful = limitedFields.filter(({ name }) => provided.includes(name));
  const inTheWay = [...missing, ...doubtful].map(({ title }) => title);
  const found: Found[] = unpublished.map((name) => ({ code: 'VALUE_NOT_PUBLISHED', values: { name } }));
  // A colleague's number that a stranger entered makes the stranger's user the one of the colleague's account.
  if (matchByPhone === 'automatic' && openSignUps.length) {
    found.push({ code: 'SIGN_UP_PREPARES_MATCH', values: { authenticator: openSignUps.join(', ') } });
  }
  if (matchByPhone === 'automatic' && canEditProfile) {
    found.push({ code: 'PROFILE_PREPARES_MATCH' });
  }
  if (isDefaultRolePrivileged) {
    found.push({ code: 'DEFAULT_ROLE_PRIVILEGED' });
  }
  if (nocobase.isDefaultRoleUnused) {
    found.push({ code: 'DEFAULT_ROLE_UNUSED' });
  }
  if (autoSignup && inTheWay.length) {
    found.push({ code: 'NEW_USERS_INCOMPLETE', values: { fields: inTheWay.join(', ') } });
  }
  if (autoSignup && signUpWithoutPhone) {
    found.push({ code: 'SIGN_UP_WITHOUT_PHONE' });
  }
  if (agentId === undefined && channels.length) {
    found.push({ code: 'AGENT_ID_MISSING', values: { channels: channels.join(', ') } });
  }
  if (agentId !== undefined && !isWellFormedAgentId(agentId)) {
    found.push({ code: 'AGENT_ID_UNUSUAL' });
  }
  return found;
}
