import { decideLink, decideUnlink, waysIn } from './decide';

const ada = (isBound: boolean) => ({ user: 'ada', isBound });

describe('decideLink', () => {
  it.each([
    ['an account that signs nobody in is bound', { found: ada(false), ownerIds: [] }, { bind: 'ada' }],
    ['an account that is the user’s already is bound again', { found: ada(true), ownerIds: ['1'] }, { rebind: 'ada' }],
    [
      'an account of another user is refused',
      { found: ada(false), ownerIds: ['2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    [
      'an account that older keys give to the user and to another one is refused',
      { found: ada(true), ownerIds: ['1', '2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    [
      'of another user’s account and a second account, the first is told',
      { found: ada(true), ownerIds: ['2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    ['a second account is refused', { found: ada(true), ownerIds: [] }, { refuse: 'UNLINK_FIRST' }],
    ['a user who is gone is refused', { found: undefined, ownerIds: [] }, { refuse: 'STATE_INVALID' }],
  ])('%s', (_, evidence, decision) => {
    expect(decideLink({ userId: '1', ...evidence })).toEqual(decision);
  });
});

describe('decideUnlink', () => {
  it.each([
    ['with another way in the link is taken away', ada(true), false, ['dingtalk', 'basic'], { unbind: 'ada' }],
    ['the last way in is kept', ada(true), false, ['dingtalk'], { refuse: 'LAST_WAY_IN' }],
    [
      'the link is kept where it is no certain way in, and there is no other',
      ada(true),
      false,
      [],
      { refuse: 'LAST_WAY_IN' },
    ],
    ['an administrator takes the last way in away', ada(true), true, [], { unbind: 'ada' }],
    ['without a link there is nothing to take away', ada(false), false, ['basic'], { refuse: 'NOT_LINKED' }],
    ['nor for an administrator', ada(false), true, [], { refuse: 'NOT_LINKED' }],
    ['nor of a user who is gone', undefined, true, [], { refuse: 'NOT_LINKED' }],
  ] as const)('%s', (_, found, canLockOut, ways, decision) => {
    const evidence = { found, canLockOut, waysIn: [...ways], authenticator: 'dingtalk' };
    expect(decideUnlink(evidence)).toEqual(decision);
  });
});

describe('waysIn', () => {
  const access = {
    authenticators: [
      { name: 'basic', authType: 'Email/Password' },
      { name: 'dingtalk', authType: 'dingtalk' },
      { name: 'sms', authType: 'SMS' },
    ],
    boundTo: [],
    hasPassword: false,
    passwordType: 'Email/Password',
    isAvailable: () => true,
  };

  it.each<[string, Partial<Parameters<typeof waysIn>[0]>, string[]]>([
    ['a user without password and binding has none', {}, []],
    ['a password is one', { hasPassword: true }, ['basic']],
    ['a binding is one', { boundTo: ['dingtalk'] }, ['dingtalk']],
    ['a binding to an authenticator that is disabled is none', { boundTo: ['disabled'] }, []],
    [
      'a binding to an authenticator whose plugin is off is none',
      { boundTo: ['sms'], isAvailable: (type) => type !== 'SMS' },
      [],
    ],
    ['a binding to the password authenticator is none without a password', { boundTo: ['basic'] }, []],
    ['a password is none where its authenticator is disabled', { hasPassword: true, authenticators: [] }, []],
    ['all are told', { hasPassword: true, boundTo: ['dingtalk', 'sms'] }, ['basic', 'dingtalk', 'sms']],
  ])('%s', (_, given, ways) => {
    expect(waysIn({ ...access, ...given })).toEqual(ways);
  });
});
