import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import { type Answer, findingsOf, findingsOfNocoBase, type Question, questionsOf } from './findings';
import type { NocoBaseState } from './nocobase';
import type { Settings } from './settings';

const settings: Settings = {
  clientId: 'ding0001',
  clientSecret: 'secret',
  corpId: 'dingours',
  autoSignup: false,
  autoSignIn: false,
  matchByPhone: 'automatic',
  protectedRoles: [],
  emailDomains: [],
  signUpWithoutPhone: false,
  dedicatedAccounts: false,
};

const good: Answer = { host: 'api.dingtalk.com' };
const refused = (kind: DingTalkErrorKind, dingTalkCode?: string): Answer => ({
  ...good,
  failure: new DingTalkError(kind, { endpoint: '/x', reason: 'the reason', status: 403, dingTalkCode }),
});

const codes = (given: Partial<Settings>, answers: Partial<Record<Question, Answer>> = { credentials: good }) =>
  findingsOf({ ...settings, ...given }, answers).map(({ code }) => code);

describe('questionsOf', () => {
  it.each<[string, Partial<Settings>, Question[]]>([
    ['with a Corp ID', {}, ['serverAddress', 'organization']],
    ['without a Corp ID', { corpId: undefined }, ['serverAddress']],
    [
      'with a Corp ID that is not well-formed, which must not become a part of an address',
      { corpId: '../x' },
      ['serverAddress'],
    ],
    ['with the sign-in inside DingTalk', { autoSignIn: true }, ['serverAddress', 'organization', 'members']],
  ])('%s', (_, given, questions) => {
    expect(questionsOf({ ...settings, ...given })).toEqual(questions);
  });
});

describe('findingsOf', () => {
  it('tells of every answer in the order of the questions, then of what cannot be seen', () => {
    const answers = { members: good, organization: good, serverAddress: good, credentials: good };
    expect(codes({ autoSignIn: true }, answers)).toEqual([
      'DINGTALK_REACHED',
      'CREDENTIALS_ACCEPTED',
      'IP_ALLOWED',
      'CORP_ID_CONFIRMED',
      'MEMBERS_READABLE',
      'PERMISSIONS_UNSEEN',
    ]);
  });

  it.each<[Question, DingTalkErrorKind, string]>([
    ['credentials', 'credentials', 'CREDENTIALS_REFUSED'],
    ['credentials', 'ipNotAllowed', 'IP_NOT_ALLOWED'],
    ['credentials', 'busy', 'DINGTALK_BUSY'],
    ['credentials', 'unexpected', 'DINGTALK_ANSWER_UNKNOWN'],
    ['credentials', 'permission', 'DINGTALK_ANSWER_UNKNOWN'],
    ['serverAddress', 'ipNotAllowed', 'IP_NOT_ALLOWED'],
    ['serverAddress', 'permission', 'DINGTALK_ANSWER_UNKNOWN'],
    ['organization', 'unexpected', 'CORP_ID_UNCONFIRMED'],
    ['organization', 'token', 'CORP_ID_UNCONFIRMED'],
    ['organization', 'busy', 'DINGTALK_BUSY'],
    ['members', 'permission', 'MEMBERS_NOT_READABLE'],
    ['members', 'unexpected', 'DINGTALK_ANSWER_UNKNOWN'],
    ['members', 'scope', 'DINGTALK_ANSWER_UNKNOWN'],
  ])('%s refused as %s: DingTalk was reached, and %s', (question, kind, code) => {
    const answers = { [question]: refused(kind, 'A_CODE') };
    const [reached, found] = findingsOf(settings, answers);
    expect(reached).toEqual({ code: 'DINGTALK_REACHED', values: { host: 'api.dingtalk.com' } });
    expect(found).toMatchObject({
      code,
      values: { answer: 'A_CODE' },
      detail: { dingTalkCode: 'A_CODE', httpStatus: 403 },
    });
  });

  it('names the HTTP status where DingTalk gave no code', () => {
    expect(findingsOf(settings, { credentials: refused('unexpected') })[1].values).toEqual({ answer: 'HTTP 403' });
  });

  it('tells why DingTalk was not reached, and not that it was', () => {
    const [found, ...others] = findingsOf(settings, { credentials: refused('unreachable') });
    const values = { host: 'api.dingtalk.com', reason: 'the reason' };
    expect(found).toMatchObject({ code: 'DINGTALK_UNREACHABLE', values });
    expect(others.map(({ code }) => code)).toEqual(['PERMISSIONS_UNSEEN']);
  });

  it('tells the same of two questions once, and of two hosts twice', () => {
    const both = { credentials: refused('busy'), serverAddress: refused('busy') };
    expect(codes({}, both)).toEqual(['DINGTALK_REACHED', 'DINGTALK_BUSY', 'PERMISSIONS_UNSEEN']);
    const otherHost = { credentials: good, members: { host: 'oapi.dingtalk.com' } };
    expect(codes({}, otherHost).filter((code) => code === 'DINGTALK_REACHED')).toHaveLength(2);
  });

  it.each<[string, Partial<Settings>, string[]]>([
    ['a Corp ID', {}, []],
    ['a Corp ID that is not well-formed', { corpId: '../accessToken?x=' }, ['CORP_ID_UNUSUAL']],
    ['no Corp ID', { corpId: undefined }, ['CORP_ID_MISSING']],
    ['no Corp ID and automatic sign-up', { corpId: undefined, autoSignup: true }, ['ANYONE_CAN_REGISTER']],
    [
      'no Corp ID and automatic sign-in',
      { corpId: undefined, autoSignIn: true },
      ['CORP_ID_MISSING', 'AUTO_SIGN_IN_WITHOUT_CORP_ID'],
    ],
  ])('of the settings, with %s', (_, given, found) => {
    expect(codes(given, {})).toEqual([...found, 'PERMISSIONS_UNSEEN']);
  });
});

describe('findingsOfNocoBase', () => {
  const safe: NocoBaseState = {
    openSignUps: [],
    canEditProfile: false,
    isDefaultRolePrivileged: false,
    isDefaultRoleUnused: false,
    requiredFields: [],
    limitedFields: [],
    unpublished: [],
    channels: [],
  };
  const field = (name: string) => ({ name, title: `Title of ${name}` });
  const found = (given: Partial<Settings>, state: Partial<NocoBaseState>) =>
    findingsOfNocoBase({ ...settings, ...given }, { ...safe, ...state }).map(({ code, values }) => [
      code,
      ...Object.values(values ?? {}),
    ]);

  it('finds nothing where nobody can enter a phone number, and new users need no more than DingTalk provides', () => {
    const requiredFields = ['nickname', 'phone'].map(field);
    expect(found({ autoSignup: true }, { requiredFields })).toEqual([]);
  });

  it('T46: finds where a stranger, or a user, can enter the phone number of a colleague', () => {
    expect(found({}, { openSignUps: ['Password', 'Partners'] })).toEqual([
      ['SIGN_UP_PREPARES_MATCH', 'Password, Partners'],
    ]);
    expect(found({}, { canEditProfile: true })).toEqual([['PROFILE_PREPARES_MATCH']]);
  });

  it.each(['confirm', 'never'] as const)('finds neither where matching is %s', (matchByPhone) => {
    expect(found({ matchByPhone }, { openSignUps: ['Password'], canEditProfile: true })).toEqual([]);
  });

  it.each([true, false])('T47: finds a privileged default role, with automatic sign-up %s', (autoSignup) => {
    expect(found({ autoSignup }, { isDefaultRolePrivileged: true })).toEqual([['DEFAULT_ROLE_PRIVILEGED']]);
  });

  it('T111: finds a default role that new users do not get', () => {
    expect(found({}, { isDefaultRoleUnused: true })).toEqual([['DEFAULT_ROLE_UNUSED']]);
  });

  it.each<[string, Partial<Settings>, string[], string]>([
    ['a field of their own', {}, ['nickname', 'phone', 'badge', 'email'], 'Title of badge, Title of email'],
    ['the phone number, where some have none', { signUpWithoutPhone: true }, ['phone'], 'Title of phone'],
    ['no e-mail, where DingTalk’s is used', { emailDomains: ['corp.example'] }, ['email', 'badge'], 'Title of badge'],
  ])('finds what new users lack: %s', (_, given, required, fields) => {
    const requiredFields = required.map(field);
    const incomplete = ['NEW_USERS_INCOMPLETE', fields];
    expect(found({ ...given, autoSignup: true }, { requiredFields })).toContainEqual(incomplete);
    expect(found(given, { requiredFields })).toEqual([]);
  });

  it('finds the rules that what DingTalk provides may break, of the fields that new users get', () => {
    const limitedFields = ['nickname', 'email', 'badge'].map(field);
    expect(found({ autoSignup: true }, { limitedFields })).toEqual([['NEW_USERS_INCOMPLETE', 'Title of nickname']]);
    expect(found({}, { limitedFields })).toEqual([]);
  });

  it('warns of new users without a phone number', () => {
    expect(found({ autoSignup: true, signUpWithoutPhone: true }, {})).toEqual([['SIGN_UP_WITHOUT_PHONE']]);
    expect(found({ signUpWithoutPhone: true }, {})).toEqual([]);
  });

  it('T44: tells of each value that is not published', () => {
    expect(found({}, { unpublished: ['Client ID', 'Corp ID'] })).toEqual([
      ['VALUE_NOT_PUBLISHED', 'Client ID'],
      ['VALUE_NOT_PUBLISHED', 'Corp ID'],
    ]);
  });
});
