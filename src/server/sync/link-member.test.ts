import { mayLink } from './link-member';

const evidence = {
  row: { state: 'open', reason: 'PHONE_SHARED', isLeftOut: false },
  isUser: true,
  isPrivileged: false,
  isBound: false,
  isBlocked: false,
  wasBound: false,
  allow: false,
} as const;

describe('an administrator may bind a member to a user', () => {
  it.each([
    ['an open case', {}, true],
    ['a member who left', { row: { ...evidence.row, state: 'left' } }, false],
    ['a member who is out of sight', { row: { ...evidence.row, state: 'outside' } }, false],
    ['a member who was left out', { row: { ...evidence.row, isLeftOut: true } }, false],
    ['a userid that was given to another account', { row: { ...evidence.row, reason: 'USERID_REUSED' } }, false],
    ['an account with several users', { row: { ...evidence.row, reason: 'SEVERAL_BOUND' } }, false],
    ['a user who does not exist', { isUser: false }, false],
    ['a privileged user', { isPrivileged: true }, false],
    ['T81: a privileged user, allowed', { isPrivileged: true, allow: true }, false],
    ['who is bound', { isBound: true, allow: true }, false],
    ['who is blocked', { isBlocked: true, allow: true }, false],
    ['who was bound before', { wasBound: true }, false],
    ['who was bound before, allowed', { wasBound: true, allow: true }, true],
    ['a member who was unlinked', { row: { ...evidence.row, reason: 'UNLINKED_BEFORE' } }, false],
    ['a member whose user was deleted', { row: { ...evidence.row, reason: 'DELETED_BEFORE' } }, false],
    [
      'a member whose user was deleted, allowed',
      { row: { ...evidence.row, reason: 'DELETED_BEFORE' }, allow: true },
      true,
    ],
  ] as const)('%s: %s', (_, different, may) => {
    expect(mayLink({ ...evidence, ...different })).toBe(may);
  });
});
