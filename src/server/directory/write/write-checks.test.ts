import { changeOf, creationOf, memberOf, rowOf } from '../../../../testing/nocobase/plans';
import type { MemberChange, MemberRow } from '../types';
import { type Facts, refusalOf } from './write-checks';

const member = memberOf({ unionId: 'union', mobile: '13800138000' });
const row: MemberRow = { id: '7', ...rowOf({ unionId: 'union', userId: '1' }) };
const left: MemberRow = { ...row, state: 'left' };

const factsOf = (given: Partial<Facts> = {}): Facts => ({
  users: new Map([['1', { phone: '+86 138 0013 8000' }]]),
  rows: new Map([['7', row]]),
  boundTo: new Map(),
  keyOf: new Map(),
  privileged: new Set(),
  roots: new Set(),
  undeletable: new Set(),
  blocked: { unionIds: new Set(), userIds: new Set() },
  unlinked: { unionIds: new Set(), userIds: new Set() },
  isDefaultRolePrivileged: false,
  mayMatchByPhone: true,
  privilegedDepartments: new Set(),
  ...given,
});

const isBound = { boundTo: new Map([['union', ['1']]]), keyOf: new Map([['1', 'union']]) };
const isPrivileged = { privileged: new Set(['1']) };
const wasLeft = { rows: new Map([['7', left]]) };
const add = (departmentId: number) => ({ add: [{ departmentId, isOwner: false }], remove: [], setOwner: [] });

const create = creationOf(member);
const bind = changeOf('bound', { member, step: { type: 'bind', userId: '1' } }, { unionId: 'union', userId: '1' });
const update = changeOf('updated', { row, member, values: { nickname: 'New' } });
const title = changeOf('updated', { row, member, values: { jobTitle: 'New' } });
const move = changeOf('updated', { row, member, memberships: add(5) });
const rebind = changeOf('returned', { row: left, member, step: { type: 'rebind', userId: '1' } }, { state: 'active' });
const leaving = (type: 'detach' | 'suspend' | 'keep') => changeOf('kept', { row, step: { type, userId: '1' } });
const remove = changeOf('deleted', { row: left, step: { type: 'delete', userId: '1' } });
const takeAway = changeOf(
  'outside',
  { row, memberships: { add: [], remove: ['5'], setOwner: [] } },
  { state: 'outside' },
);
const rowOnly = changeOf('open', { row, member }, { state: 'open', reason: 'PHONE_SHARED' });

describe('a change is written after all', () => {
  it.each<[string, MemberChange, Partial<Facts>]>([
    ['a new user', create, {}],
    ['a match by phone', bind, {}],
    ['columns of a user who is bound', update, isBound],
    ['a column of a privileged user that is no way in and no name', title, { ...isBound, ...isPrivileged }],
    ['a membership', move, isBound],
    [
      'a membership that makes privileged, and was confirmed',
      { ...move, next: { ...move.next, confirmed: ['5'] }, row: { ...row, confirmed: ['5'] } },
      { ...isBound, privilegedDepartments: new Set([5]), rows: new Map([['7', { ...row, confirmed: ['5'] }]]) },
    ],
    ['one who comes back', rebind, wasLeft],
    ['a privileged one who comes back by the binding', rebind, { ...wasLeft, ...isBound, ...isPrivileged }],
    ['one who left', leaving('detach'), isBound],
    ['one who left, and was unlinked meanwhile', leaving('detach'), {}],
    [
      'one who left, and is blocked',
      leaving('detach'),
      { ...isBound, blocked: { unionIds: new Set(['union']), userIds: new Set() } },
    ],
    ['a privileged one who left', leaving('suspend'), { ...isBound, ...isPrivileged }],
    ['one who left and is kept', leaving('keep'), isBound],
    ['one who was detached and is to be deleted', remove, wasLeft],
    ['a membership that goes, of one who is bound to nothing', takeAway, {}],
    ['a row alone, whatever the binding', rowOnly, {}],
  ])('%s', (_, change, facts) => {
    expect(refusalOf(change, factsOf(facts))).toBeUndefined();
  });
});

describe('a change is not written', () => {
  const unionIds = new Set(['union']);
  const userIds = new Set(['1']);
  const nobody = new Set<string>();
  const allowed = { ...create, row: { ...row, userId: undefined, state: 'open', isAllowed: true } as MemberRow };
  const gone = { users: new Map() };
  const other = { keyOf: new Map([['1', 'another account']]) };

  it.each<[string, MemberChange, Partial<Facts>, ReturnType<typeof refusalOf>]>([
    // What an administrator decided between the plan and the transaction
    ['left out', update, { ...isBound, rows: new Map([['7', { ...row, isLeftOut: true }]]) }, 'CHANGED_MEANWHILE'],
    ['its row is gone', update, { ...isBound, rows: new Map() }, 'CHANGED_MEANWHILE'],
    [
      'its row leads to another user',
      update,
      { ...isBound, rows: new Map([['7', { ...row, userId: '2' }]]) },
      'CHANGED_MEANWHILE',
    ],
    ['blocked: a new user', create, { blocked: { unionIds, userIds: nobody } }, 'BLOCKED'],
    ['blocked: a match by phone', bind, { blocked: { unionIds: nobody, userIds } }, 'BLOCKED'],
    ['blocked: columns', update, { ...isBound, blocked: { unionIds: nobody, userIds } }, 'BLOCKED'],
    ['blocked: a membership', move, { ...isBound, blocked: { unionIds, userIds: nobody } }, 'BLOCKED'],
    ['unlinked: a new user', create, { unlinked: { unionIds, userIds: nobody } }, 'UNLINKED_BEFORE'],
    ['unlinked: a match by phone', bind, { unlinked: { unionIds: nobody, userIds } }, 'PHONE_OF_UNLINKED'],
    ['unlinked: columns', update, {}, 'CHANGED_MEANWHILE'],
    // Privilege
    ['the default role became privileged', create, { isDefaultRolePrivileged: true }, 'NEW_USERS_PRIVILEGED'],
    ['a match by phone, which was turned off meanwhile', bind, { mayMatchByPhone: false }, 'PHONE_MATCH_OFF'],
    ['a match by phone with one who became privileged', bind, isPrivileged, 'USER_PRIVILEGED'],
    ['the name of one who became privileged', update, { ...isBound, ...isPrivileged }, 'USER_PRIVILEGED'],
    ['one who comes back, and is privileged', rebind, { ...wasLeft, ...isPrivileged }, 'USER_PRIVILEGED'],
    ['one who left and became privileged', leaving('detach'), { ...isBound, ...isPrivileged }, 'USER_PRIVILEGED'],
    ['to be deleted, and privileged', remove, { ...wasLeft, ...isPrivileged }, 'USER_PRIVILEGED'],
    [
      'to be deleted, and has what would go along',
      remove,
      { ...wasLeft, undeletable: new Set(['1']) },
      'USER_UNDELETABLE',
    ],
    ['to be suspended, and not privileged any more', leaving('suspend'), isBound, 'CHANGED_MEANWHILE'],
    ['root is suspended', leaving('suspend'), { ...isBound, ...isPrivileged, roots: userIds }, 'LAST_ADMINISTRATOR'],
    ['root is kept out', leaving('keep'), { ...isBound, roots: userIds }, 'LAST_ADMINISTRATOR'],
    [
      'a department became privileged',
      move,
      { ...isBound, privilegedDepartments: new Set([5]) },
      'DEPARTMENT_PRIVILEGED',
    ],
    [
      'a department became privileged, for a new user',
      creationOf(member, add(5)),
      { privilegedDepartments: new Set([5]) },
      'DEPARTMENT_PRIVILEGED',
    ],
    [
      'the name of one who becomes privileged by a membership that was confirmed',
      { ...move, values: { phone: '13900139000' }, next: { ...move.next, confirmed: ['5'] } },
      { ...isBound, privilegedDepartments: new Set([5]) },
      'USER_PRIVILEGED',
    ],
    // Bindings
    ['somebody signed in meanwhile, and has a user', create, isBound, 'CHANGED_MEANWHILE'],
    ['somebody signed in meanwhile: a match by phone', bind, isBound, 'CHANGED_MEANWHILE'],
    ['the owner of the number linked another account', bind, other, 'PHONE_OF_BOUND'],
    [
      'the number is that of the user no more',
      bind,
      { users: new Map([['1', { phone: '13900139000' }]]) },
      'CHANGED_MEANWHILE',
    ],
    ['the number is empty now', bind, { users: new Map([['1', { phone: null }]]) }, 'CHANGED_MEANWHILE'],
    ['columns of one who linked another account', update, other, 'CHANGED_MEANWHILE'],
    ['columns where two are bound', update, { boundTo: new Map([['union', ['1', '2']]]) }, 'CHANGED_MEANWHILE'],
    ['one who left and linked another account', leaving('detach'), other, 'CHANGED_MEANWHILE'],
    ['one who comes back, and linked another account', rebind, { ...wasLeft, ...other }, 'PHONE_OF_BOUND'],
    ['to be deleted, and was linked again', remove, { ...wasLeft, ...other }, 'CHANGED_MEANWHILE'],
    // Users
    ['a membership that goes, of one who linked another account', takeAway, other, 'CHANGED_MEANWHILE'],
    [
      'a membership that goes, of another user than the account is bound to',
      takeAway,
      { boundTo: new Map([['union', ['2']]]) },
      'CHANGED_MEANWHILE',
    ],
    ['the user was deleted: a match by phone', bind, gone, 'CHANGED_MEANWHILE'],
    ['the user was deleted: who comes back', rebind, { ...wasLeft, ...gone }, 'CHANGED_MEANWHILE'],
    ['the user was deleted: who left', leaving('detach'), gone, 'CHANGED_MEANWHILE'],
    ['the user was deleted: who is kept', leaving('keep'), gone, 'CHANGED_MEANWHILE'],
    ['the user was deleted: to be deleted', remove, { ...wasLeft, ...gone }, 'CHANGED_MEANWHILE'],
  ])('%s', (_, change, facts, refusal) => {
    expect(refusalOf(change, factsOf(facts))).toBe(refusal);
  });

  it('but a binding that was undone is made again where an administrator allowed it', () => {
    const rows = new Map([['7', allowed.row]]);
    expect(refusalOf(allowed, factsOf({ rows, unlinked: { unionIds, userIds: nobody } }))).toBeUndefined();
  });
});
