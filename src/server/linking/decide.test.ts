import { decideBlock, decideLink, decideUnlink, type LinkEvidence } from './decide';

const ada = (isBound: boolean) => ({ user: 'ada', isBound });

describe('decideLink', () => {
  const linkable: LinkEvidence<string> = {
    userId: '1',
    found: ada(false),
    isOtherOrganization: false,
    isBlocked: false,
    hasLeft: false,
    isSpent: false,
    boundIds: [],
    legacyIds: [],
  };

  it.each<[string, Partial<LinkEvidence<string>>, ReturnType<typeof decideLink>]>([
    ['an account that signs nobody in is bound', {}, { bind: 'ada' }],
    ['an account that is the user’s already is bound again', { found: ada(true), boundIds: ['1'] }, { rebind: 'ada' }],
    ['an older key of the user is replaced', { found: ada(true), legacyIds: ['1'] }, { rebind: 'ada' }],
    ['an account of another user is refused', { boundIds: ['2'] }, { refuse: 'DINGTALK_ACCOUNT_TAKEN' }],
    [
      'an account that an older key gives to another user is refused',
      { legacyIds: ['2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    [
      'an account that older keys give to the user and to another one is refused',
      { found: ada(true), legacyIds: ['1', '2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    [
      'an older key counts no more where the unionId has a user',
      { found: ada(true), boundIds: ['1'], legacyIds: ['2'] },
      { rebind: 'ada' },
    ],
    [
      'of another user’s account and a second account, the first is told',
      { found: ada(true), boundIds: ['2'] },
      { refuse: 'DINGTALK_ACCOUNT_TAKEN' },
    ],
    ['a second account is refused', { found: ada(true) }, { refuse: 'UNLINK_FIRST' }],
    ['T43: one that is blocked is refused', { isBlocked: true }, { refuse: 'ACCOUNT_BLOCKED' }],
    ['T79: one that has left is refused', { hasLeft: true }, { refuse: 'NOT_A_MEMBER' }],
    [
      'one that has left is not taken back by the user whom it is bound to',
      { hasLeft: true, boundIds: ['1'] },
      { refuse: 'NOT_A_MEMBER' },
    ],
    [
      'one that is blocked and has left: the block counts',
      { isBlocked: true, hasLeft: true },
      { refuse: 'ACCOUNT_BLOCKED' },
    ],
    ['T39: one that was used already is refused', { isSpent: true }, { refuse: 'STATE_INVALID' }],
    ['T11: one of another organization is refused', { isOtherOrganization: true }, { refuse: 'WRONG_ORGANIZATION' }],
    ['an account with two users is refused', { boundIds: ['2', '3'] }, { refuse: 'ACCOUNT_AMBIGUOUS' }],
    ['also where the user is one of them', { found: ada(true), boundIds: ['1', '2'] }, { refuse: 'ACCOUNT_AMBIGUOUS' }],
    ['a user who is gone is refused', { found: undefined }, { refuse: 'STATE_INVALID' }],
    [
      'the organization is told before a block, as at a sign-in',
      { isOtherOrganization: true, isBlocked: true },
      { refuse: 'WRONG_ORGANIZATION' },
    ],
    [
      'a block is told before two users, as at a sign-in',
      { isBlocked: true, boundIds: ['1', '2'] },
      { refuse: 'ACCOUNT_BLOCKED' },
    ],
  ])('%s', (_, evidence, decision) => {
    expect(decideLink({ ...linkable, ...evidence })).toEqual(decision);
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

describe('decideBlock', () => {
  it.each([
    ['a user is blocked, also without another way in', 'ada', false, [], { block: 'ada', waysIn: [] }],
    ['the ways in that remain are told', 'ada', false, ['basic'], { block: 'ada', waysIn: ['basic'] }],
    ['administrators block themselves', 'ada', true, ['basic'], { block: 'ada', waysIn: ['basic'] }],
    ['but not where they could not come back', 'ada', true, [], { refuse: 'LAST_WAY_IN' }],
    ['a user who is gone, or hidden, is not found', undefined, false, ['basic'], { refuse: 'NOT_LINKED' }],
  ] as const)('%s', (_, found, isOneself, ways, decision) => {
    expect(decideBlock({ found, isOneself, waysIn: [...ways] })).toEqual(decision);
  });
});
