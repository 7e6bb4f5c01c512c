import { findingCodes, keyForAdministrators, type ErrorCode, type FindingCode } from '../src/shared/codes';
import type { ActionPath, Actions, Finding, Refusal, SignedIn } from '../src/shared/contract';
import type { Say } from './words';

/** NocoBase's own actions that the clients of this plugin use. */
interface NocoBaseActions {
  'auth:signIn': SignedIn;
  'auth:check': { id?: number };
  'authenticators:publicList': object[];
  'systemSettings:get': { title: string };
  'collections:listMeta': { name: string; fields: object[] }[];
  'userDataSyncSources:list': { id: number }[];
  'environmentVariables:list': { name: string; type: 'default' | 'secret' }[];
  'users:list': { id: number; nickname: string | null; username: string | null }[];
}

type Data = { [Name in keyof Actions as ActionPath<Name>]: Actions[Name]['answer'] } & NocoBaseActions;

/** `silent`: the server has not answered yet. `unreachable`: it never will. */
export type Answer<T = unknown> = { data: T } | { refused: ErrorCode } | 'silent' | 'unreachable';

/** What the server answers in a state. An action that is not named here must not be asked for. */
export type Answers = {
  [Action in keyof Data]?: Answer<Data[Action]> | ((authenticator: string) => Answer<Data[Action]>);
};

export function answerTo(answers: Answers, action: string, authenticator: string): Answer {
  const answer = new Map<string, Answer | ((authenticator: string) => Answer)>(Object.entries(answers)).get(action);
  if (!answer) {
    throw new Error(`This state has no answer to ${action}.`);
  }
  return typeof answer === 'function' ? answer(authenticator) : answer;
}

/** The body of the server's answer where it refuses, with the sentence that it says. Persons read a code of their own. */
export const refusal = (code: ErrorCode, say: Say): { errors: Refusal[] } => ({
  errors: [{ code, message: keyForAdministrators(code) === code ? `${say(code)} (${code})` : say(code) }],
});

/**
 * What the server finds, in its words.
 *
 * @param refused why a sign-in that was tested would be refused
 */
export function findings(say: Say, codes: FindingCode[], refused: ErrorCode = 'LINK_FIRST'): Finding[] {
  const values = { ...VALUES, sentence: `${say(keyForAdministrators(refused))} (${refused})` };
  return codes.map((code) => ({ code, ...findingCodes[code], message: say(keyForAdministrators(code), values) }));
}

/** For the sentences that name something. */
const VALUES = {
  host: 'api.dingtalk.com',
  reason: 'connect ETIMEDOUT 203.0.113.7:443',
  answer: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
  authenticator: 'SMS',
  fields: 'E-mail',
  ...{ organization: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34', name: '小伟 🌸', user: '王芳 (ID 7)', rule: '12' },
  ...{ departments: '12', allDepartments: '60', members: '240', allMembers: '1200' },
};
