import {
  directory,
  type Given,
  knownRow,
  member,
  row,
  settings,
  state,
  user,
} from '../../../../testing/directory/company';
import { type Decision, identifyMember, identifyMembers } from './identify-member';
import { know } from './known';
import type { Absence, PlanSettings } from '../types';

const PHONE = '13800138000';
const ada = member('ada', { mobile: PHONE });
const none = (reason: string, userId?: string) => ({ type: 'none', reason, ...(userId && { userId }) });
const set = (...texts: string[]) => new Set(texts);
const no = { unionIds: set(), userIds: set() };

interface Case extends Given {
  who?: ReturnType<typeof member>;
  others?: ReturnType<typeof member>[];
  options?: Partial<PlanSettings>;
}

const decide = ({ who = ada, others = [], options, ...given }: Case): Decision =>
  identifyMember(who, know(directory([who, ...others]), state(given), settings(options)));

const free = [user('a', { phone: PHONE })];
const bound = { users: free, bindings: { 'U-ada': 'a' } };

describe('who a member is', () => {
  it.each<[string, Case, object]>([
    [
      'no unionId: nobody, also with a known userid',
      { who: member('ada', { unionId: undefined, mobile: PHONE }), users: free, rows: [knownRow('ada')] },
      none('NO_UNION_ID'),
    ],
    [
      'two members with one unionId',
      { others: [member('eve', { unionId: 'U-ada' })], ...bound },
      none('USERID_REUSED'),
    ],
    [
      'left out by an administrator, also if bound',
      { ...bound, rows: [row('ada', { isLeftOut: true })] },
      none('LEFT_OUT'),
    ],

    ['a blocked account', { users: free, blocked: { unionIds: set('U-ada'), userIds: set() } }, none('BLOCKED')],
    [
      'a blocked account that is bound',
      { ...bound, blocked: { unionIds: set('U-ada'), userIds: set() } },
      none('BLOCKED', 'a'),
    ],
    [
      'the account of a blocked user',
      { ...bound, blocked: { unionIds: set(), userIds: set('a') } },
      none('BLOCKED', 'a'),
    ],
    [
      'blocked by the userid, which was the key of an old binding',
      { blocked: { unionIds: set('ada'), userIds: set() } },
      none('BLOCKED'),
    ],
    [
      'a blocked user who left, and comes back',
      {
        users: free,
        rows: [row('ada', { state: 'left', userId: 'a' })],
        blocked: { unionIds: set(), userIds: set('a') },
      },
      none('BLOCKED', 'a'),
    ],

    ['the binding: is the user', bound, { type: 'is', userId: 'a' }],
    [
      'the binding: also where the row says another user',
      { users: [...free, user('b')], bindings: { 'U-ada': 'a' }, rows: [row('ada', { userId: 'b' })] },
      { type: 'is', userId: 'a' },
    ],
    [
      'the binding: also of a privileged user',
      { users: [user('a', { isPrivileged: true })], bindings: { 'U-ada': 'a' } },
      { type: 'is', userId: 'a' },
    ],
    [
      'the binding: also with another userid than before',
      { ...bound, who: member('ada2', { unionId: 'U-ada' }), rows: [knownRow('ada', { userId: 'a' })] },
      { type: 'is', userId: 'a' },
    ],
    [
      'the binding: also where the account was unlinked before',
      { ...bound, unlinked: { unionIds: set('U-ada'), userIds: set('a') } },
      { type: 'is', userId: 'a' },
    ],
    ['the binding of a user who is gone is none', { bindings: { 'U-ada': 'gone' } }, { type: 'create' }],
    [
      'two users are bound',
      { users: [user('a'), user('b')], bindings: { 'U-ada': ['a', 'b'] } },
      none('SEVERAL_BOUND'),
    ],
    [
      'capitals make another account',
      { users: free, bindings: { 'u-ADA': 'a' }, who: member('ada') },
      { type: 'create' },
    ],

    [
      'the userid of another member',
      {
        users: [user('bob')],
        rows: [row('ada', { id: '1', unionId: 'U-bob', userId: 'bob' })],
        bindings: { 'U-bob': 'bob' },
      },
      none('USERID_REUSED'),
    ],
    [
      'also if this account is bound to somebody',
      {
        users: [user('bob'), user('a')],
        rows: [row('ada', { id: '1', unionId: 'U-bob', userId: 'bob' })],
        bindings: { 'U-bob': 'bob', 'U-ada': 'a' },
      },
      none('USERID_REUSED'),
    ],
    [
      'not of one who left',
      { ...bound, rows: [row('ada', { id: '1', unionId: 'U-bob', userId: 'bob', state: 'left' })] },
      { type: 'is', userId: 'a' },
    ],
    [
      'not of one who was read under another userid',
      { ...bound, rows: [row('ada', { id: '1', unionId: 'U-bob', userId: 'bob' })], others: [member('bob')] },
      { type: 'is', userId: 'a' },
    ],
    [
      'not of one who is no user',
      { ...bound, rows: [row('ada', { id: '1', unionId: 'U-bob', state: 'open' })] },
      { type: 'is', userId: 'a' },
    ],
    [
      'nor where an administrator linked the member',
      { ...bound, rows: [knownRow('ada', { userId: 'a' }), row('ada', { id: '1', unionId: 'U-bob', userId: 'bob' })] },
      { type: 'is', userId: 'a' },
    ],

    [
      'who left comes back as the same user',
      {
        users: free,
        rows: [row('ada', { state: 'left', userId: 'a' })],
        unlinked: { unionIds: set('U-ada'), userIds: set('a') },
      },
      { type: 'rebind', userId: 'a' },
    ],
    [
      'also under another userid',
      { users: free, who: member('new', { unionId: 'U-ada' }), rows: [row('ada', { state: 'left', userId: 'a' })] },
      { type: 'rebind', userId: 'a' },
    ],
    [
      'not if the user is privileged now',
      { users: [user('a', { isPrivileged: true })], rows: [row('ada', { state: 'left', userId: 'a' })] },
      none('USER_PRIVILEGED', 'a'),
    ],
    [
      'not if the user has another account now',
      { users: free, bindings: { 'U-other': 'a' }, rows: [row('ada', { state: 'left', userId: 'a' })] },
      none('UNLINKED_BEFORE', 'a'),
    ],
    [
      'not if the source took no binding away: a user or an administrator did',
      { users: free, rows: [row('ada', { state: 'left', userId: 'a', isDetached: false })] },
      none('UNLINKED_BEFORE', 'a'),
    ],
    [
      'still, where the case waited meanwhile',
      { users: free, rows: [row('ada', { state: 'open', userId: 'a', isDetached: true })] },
      { type: 'rebind', userId: 'a' },
    ],

    ['the user was deleted', { rows: [row('ada', { userId: 'gone' })] }, none('DELETED_BEFORE')],
    [
      'the user was deleted while the member was away',
      { rows: [row('ada', { userId: 'gone', state: 'left' })] },
      none('DELETED_BEFORE'),
    ],
    [
      'deleted, and allowed: a new user',
      { rows: [row('ada', { userId: 'gone', state: 'open', isAllowed: true })] },
      { type: 'create' },
    ],
    ['the binding was undone', { users: free, rows: [row('ada', { userId: 'a' })] }, none('UNLINKED_BEFORE', 'a')],
    [
      'undone, and allowed: the same user',
      { users: free, rows: [row('ada', { userId: 'a', state: 'open', isAllowed: true })] },
      { type: 'rebind', userId: 'a' },
    ],
    [
      'undone, and allowed, but the user is privileged',
      {
        users: [user('a', { isPrivileged: true })],
        rows: [row('ada', { userId: 'a', state: 'open', isAllowed: true })],
      },
      none('USER_PRIVILEGED', 'a'),
    ],
    [
      'the account was unlinked, and has no row',
      { users: free, unlinked: { unionIds: set('U-ada'), userIds: set() } },
      none('UNLINKED_BEFORE'),
    ],
    [
      'unlinked by the userid, which was the key of an old binding',
      { users: free, unlinked: { unionIds: set('ada'), userIds: set() } },
      none('UNLINKED_BEFORE'),
    ],

    ['bound by an old key, the userid', { users: free, bindings: { ada: 'a' }, old: ['ada'] }, none('OLD_KEY', 'a')],
    [
      'bound by an old key, the number in another spelling',
      { users: [user('a')], bindings: { '+86 138-0013-8000': 'a' }, old: ['+86 138-0013-8000'] },
      none('OLD_KEY', 'a'),
    ],
    [
      'a userid that is another account’s unionId is no old key',
      { users: [user('a')], bindings: { ada: 'a' } },
      { type: 'create' },
    ],

    ['by phone', { users: free }, { type: 'bind', userId: 'a' }],
    [
      'by phone, in another spelling',
      { users: [user('a', { phone: '+86 138-0013-8000' })] },
      { type: 'bind', userId: 'a' },
    ],
    ['by phone: not without the country', { users: [user('a', { phone: '+1 380 013 8000' })] }, { type: 'create' }],
    [
      'by phone: not a masked one',
      { who: member('ada', { mobile: '138****8000' }), users: [user('a', { phone: '138****8000' })] },
      { type: 'create' },
    ],
    ['by phone: two users have it', { users: [...free, user('b', { phone: `+86${PHONE}` })] }, none('PHONE_SHARED')],
    [
      'by phone: two members have it, and a user',
      { users: free, others: [member('eve', { mobile: `0086${PHONE}` })] },
      none('PHONE_SHARED'),
    ],
    [
      'by phone: a privileged user',
      { users: [user('a', { phone: PHONE, isPrivileged: true })] },
      none('USER_PRIVILEGED', 'a'),
    ],
    ['by phone: a user who has an account', { users: free, bindings: { 'U-other': 'a' } }, none('PHONE_OF_BOUND', 'a')],
    [
      'by phone: a user who had one',
      { users: free, unlinked: { unionIds: set(), userIds: set('a') } },
      none('PHONE_OF_UNLINKED', 'a'),
    ],
    [
      'by phone: a blocked user',
      { users: free, blocked: { unionIds: set(), userIds: set('a') } },
      none('BLOCKED', 'a'),
    ],
    [
      'by phone: it is off, or numbers can be prepared',
      { users: free, mayMatchByPhone: false },
      none('PHONE_MATCH_OFF', 'a'),
    ],
    [
      'by phone: not a dedicated account, whose number the organization enters',
      { who: member('ada', { mobile: PHONE, isDedicated: true }), users: free },
      none('PHONE_MATCH_OFF', 'a'),
    ],
    [
      'by phone: also where nobody is created',
      { users: free, options: { newUsers: 'link' } },
      { type: 'bind', userId: 'a' },
    ],
    [
      'by e-mail: never',
      {
        who: member('ada', { email: 'a@corp.example', orgEmail: 'a@corp.example' }),
        users: [user('a', { email: 'a@corp.example' })],
      },
      { type: 'create' },
    ],

    ['nobody: is created', {}, { type: 'create' }],
    [
      'nobody: also with the number of another member',
      { others: [member('eve', { mobile: PHONE })] },
      { type: 'create' },
    ],
    ['nobody: is left alone', { options: { newUsers: 'link' } }, none('NOT_CREATED')],
    ['nobody: has not joined DingTalk', { who: member('ada', { active: false }) }, none('NOT_ACTIVE')],
    ['nobody: new users would be privileged', { isDefaultRolePrivileged: true }, none('NEW_USERS_PRIVILEGED')],
  ])('%s', (_, given, expected) => {
    expect(decide({ blocked: no, unlinked: no, ...given })).toEqual(expected);
  });

  it('leaves a user alone whom two members would be, whichever comes first', () => {
    const two = [member('ada'), member('eve')];
    const left = { state: 'left', userId: 'a' } as const;
    const both = state({ users: [user('a')], rows: [row('ada', left), row('eve', left)] });
    expect([...identifyMembers(two, know(directory(two), both, settings())).values()]).toEqual([
      none('UNLINKED_BEFORE', 'a'),
      none('UNLINKED_BEFORE', 'a'),
    ]);
    const twice = state({ users: [user('a')], bindings: { 'U-ada': 'a', 'U-eve': 'a' } });
    expect([...identifyMembers(two, know(directory(two), twice, settings())).values()]).toEqual([
      none('SEVERAL_BOUND', 'a'),
      none('SEVERAL_BOUND', 'a'),
    ]);
  });

  it('gives no user back to whom a row of another member leads, who was not read and did not leave', () => {
    const rows = [row('ada', { userId: 'a', isAllowed: true }), row('eve', { userId: 'a', isAllowed: true })];
    const given = { users: [user('a')], rows };
    const decided = (absence: Absence, more: Given = {}) => {
      const read = directory([ada], { absences: new Map([['row-eve', absence]]) });
      return identifyMembers([ada], know(read, state({ ...given, ...more }), settings())).get(ada);
    };
    expect(decided('present')).toEqual(none('UNLINKED_BEFORE', 'a'));
    expect(decided('left')).toEqual({ type: 'rebind', userId: 'a' });
    // Who is bound is somebody else for certain.
    const bound = { users: [user('a'), user('e')], bindings: { 'U-eve': 'e' } };
    expect(decided('present', bound)).toEqual({ type: 'rebind', userId: 'a' });
  });
});
