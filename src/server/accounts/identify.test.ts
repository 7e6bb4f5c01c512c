import { type Decision, dependsOnUserid, type Evidence, identify, type Match, type Matches } from './identify';

const OURS = 'dingours';

/** An account with a phone number that no user has, and no binding: rule 8, or 9. */
const noMatches: Matches<string> = {
  legacy: [],
  phone: 'known',
  owners: [],
  isNumberBlocked: false,
  isComplete: true,
  isDefaultRolePrivileged: false,
};

interface Given extends Partial<Matches<string>>, Partial<Omit<Evidence<string>['settings'], 'corpId'>> {
  /** Corp ID of the settings. */
  only?: string;
  /** Corp ID that DingTalk names. */
  corpId?: string;
  bound?: string[];
  isBlocked?: boolean;
  hasLeft?: boolean;
}

const evidenceOf = ({
  only,
  corpId,
  bound = [],
  isBlocked = false,
  hasLeft = false,
  ...given
}: Given): Required<Evidence<string>> => {
  const { autoSignup = false, matchByPhone = 'automatic', signUpWithoutPhone = false, ...matches } = given;
  return {
    settings: { corpId: only, autoSignup, matchByPhone, signUpWithoutPhone },
    corpId,
    binding: { users: bound, isBlocked, hasLeft },
    matches: { ...noMatches, ...matches },
  };
};

type What = Partial<Omit<Match<string>, 'user'>>;

const match = (user: string, what: What = {}): Match<string> => ({
  user,
  isPrivileged: false,
  isBlocked: false,
  ...what,
});
const free = (user: string, what?: What) => ({ ...match(user, what), isBound: false });
const taken = (user: string, what?: What) => ({ ...match(user, what), isBound: true });
const old = (kind: 'openId' | 'phone' | 'userid', user: string, what?: What) => ({
  ...match(user, what),
  kind,
  key: `old key of ${user}`,
});

const linkFirst = (reason: string, user?: string) => ({
  rule: 12,
  refuse: 'LINK_FIRST',
  reason,
  ...(user && { user }),
});
const blocked = (user?: string) => ({ rule: 10, refuse: 'ACCOUNT_BLOCKED', ...(user && { user }) });
const departed = (user?: string) => ({
  rule: 13,
  refuse: 'NOT_A_MEMBER',
  reason: 'the directory says that the account has left',
  ...(user && { user }),
});
const blockedNumber = { ...blocked(), reason: 'a blocked user who was deleted had the phone number' };
const privileged = { isPrivileged: true };

describe('identify, by the table of docs/identity.md', () => {
  it.each<[string, Given, object]>([
    ['1: another organization', { only: OURS, corpId: 'dingother' }, { rule: 1, refuse: 'WRONG_ORGANIZATION' }],
    ['1: no organization', { only: OURS }, { rule: 1, refuse: 'WRONG_ORGANIZATION' }],
    [
      '1: also one that differs in capital letters',
      { only: OURS, corpId: 'DINGOURS' },
      { rule: 1, refuse: 'WRONG_ORGANIZATION' },
    ],

    ['10: an account that is blocked, which nobody is bound to', { isBlocked: true, autoSignup: true }, blocked()],
    ['10: a user who is bound, and blocked', { bound: ['ada'], isBlocked: true }, blocked('ada')],
    ['10: two users, of whom one is blocked', { bound: ['ada', 'bob'], isBlocked: true }, blocked()],
    ['13: an account that has left, which nobody is bound to', { hasLeft: true, autoSignup: true }, departed()],
    ['13: an account that has left, and whose user was kept', { bound: ['ada'], hasLeft: true }, departed('ada')],
    ['13: not by its phone number either', { hasLeft: true, owners: [free('ada')] }, departed()],
    [
      '10: an account that is blocked, and has left',
      { bound: ['ada'], isBlocked: true, hasLeft: true },
      blocked('ada'),
    ],
    [
      '11: two users are bound to the unionId',
      { bound: ['ada', 'bob'] },
      { rule: 11, refuse: 'ACCOUNT_AMBIGUOUS', users: ['ada', 'bob'] },
    ],

    ['2: a user is bound to the unionId', { bound: ['ada'] }, { rule: 2, signIn: 'ada' }],
    [
      '2: also where the account was unlinked before',
      { bound: ['ada'], excluded: 'unlinked' },
      { rule: 2, signIn: 'ada' },
    ],

    [
      '12: an account that was unlinked, whatever it matches',
      { excluded: 'unlinked', legacy: [old('openId', 'ada')], owners: [free('ada')] },
      linkFirst('the account was unlinked'),
    ],
    [
      '12: an account that was unlinked is no new user',
      { excluded: 'unlinked', autoSignup: true },
      linkFirst('the account was unlinked'),
    ],

    [
      '12: the log tells an account that a directory detached from one that was unlinked',
      { excluded: 'detached', autoSignup: true },
      linkFirst('the account was detached'),
    ],

    ['3: one user is bound by an openId', { legacy: [old('openId', 'ada')] }, { rule: 3, rebind: 'ada' }],
    ['3: one user is bound by a phone number', { legacy: [old('phone', 'ada')] }, { rule: 3, rebind: 'ada' }],
    ['3: one user is bound by a userid', { legacy: [old('userid', 'ada')] }, { rule: 3, rebind: 'ada' }],
    [
      '3: also by a userid while phone numbers match nobody',
      { legacy: [old('userid', 'ada')], matchByPhone: 'never' },
      { rule: 3, rebind: 'ada' },
    ],

    ['4: a phone number that cannot be relied on', { phone: 'unusable' }, { rule: 4, refuse: 'PHONE_UNAVAILABLE' }],
    [
      '4: no phone number, and sign-up without one is off',
      { phone: 'none', autoSignup: true },
      { rule: 4, refuse: 'PHONE_UNAVAILABLE' },
    ],
    [
      '4: no phone number, and sign-up is off',
      { phone: 'none', signUpWithoutPhone: true },
      { rule: 4, refuse: 'PHONE_UNAVAILABLE' },
    ],
    [
      '4: a masked number is not none',
      { phone: 'unusable', autoSignup: true, signUpWithoutPhone: true },
      { rule: 4, refuse: 'PHONE_UNAVAILABLE' },
    ],

    ['7: two users with the number', { owners: [free('ada'), free('bob')] }, { rule: 7, refuse: 'PHONE_AMBIGUOUS' }],
    [
      '7: not all who may have the number were read',
      { owners: [], isComplete: false },
      { rule: 7, refuse: 'PHONE_AMBIGUOUS', reason: 'too many users have a similar phone number' },
    ],
    [
      '7: also where the first of them is bound',
      { owners: [taken('ada'), free('bob')] },
      { rule: 7, refuse: 'PHONE_AMBIGUOUS' },
    ],

    ['5: one user with the number, not bound', { owners: [free('ada')] }, { rule: 5, bind: 'ada' }],
    [
      '6: one user with the number, bound',
      { owners: [taken('ada')] },
      { rule: 6, refuse: 'ACCOUNT_ALREADY_LINKED', user: 'ada' },
    ],

    ['10: a blocked user who is gone had the number', { isNumberBlocked: true, autoSignup: true }, blockedNumber],
    ['10: also while sign-up is off', { isNumberBlocked: true }, blockedNumber],
    ['8: no user with the number, sign-up on', { autoSignup: true }, { rule: 8, create: true }],
    [
      '8: no phone number at all, where that is enough',
      { phone: 'none', autoSignup: true, signUpWithoutPhone: true },
      { rule: 8, create: true },
    ],
    ['9: no user with the number, sign-up off', {}, { rule: 9, refuse: 'USER_NOT_FOUND' }],
    [
      '9: a new user would be privileged',
      { autoSignup: true, isDefaultRolePrivileged: true },
      { rule: 9, refuse: 'USER_NOT_FOUND', reason: 'the default role is privileged: nobody is signed up' },
    ],
    [
      '9: also one without a phone number would be',
      { phone: 'none', autoSignup: true, signUpWithoutPhone: true, isDefaultRolePrivileged: true },
      { rule: 9, refuse: 'USER_NOT_FOUND', reason: 'the default role is privileged: nobody is signed up' },
    ],
  ])('rule %s', (_, given, decision) => {
    expect(identify(evidenceOf(given))).toEqual(decision);
  });

  it.each<[string, Given, object]>([
    ['who is bound', { bound: ['ada'] }, { rule: 2 }],
    ['who is bound by an older key', { legacy: [old('phone', 'ada')] }, { rule: 3 }],
    ['who has the number', { owners: [free('ada')] }, { rule: 5 }],
  ])('T60: a number that a blocked user had keeps out nobody %s', (_, given, decision) => {
    expect(identify(evidenceOf({ ...given, isNumberBlocked: true }))).toMatchObject(decision);
  });

  it('rule 1 does not apply without a Corp ID in the settings', () => {
    expect(identify(evidenceOf({ corpId: 'dingother' }))).toMatchObject({ rule: 9 });
  });

  it('rule 1 lets the configured organization pass', () => {
    expect(identify(evidenceOf({ only: OURS, corpId: OURS }))).toMatchObject({ rule: 9 });
  });

  it.each([
    ['nobody has the number', [], { rule: 9 }],
    ['one of them has the number', [taken('ada')], { rule: 6 }],
  ])('rule 3 does not choose between two users who are bound by older keys: %s', (_, owners, decision) => {
    const legacy = [old('openId', 'ada'), old('userid', 'bob')];
    expect(identify(evidenceOf({ legacy, owners }))).toMatchObject(decision);
  });

  /** Everything at once that makes each rule apply; what is taken away lets the next rule decide. */
  it('tries the rules in the order 1, 10, 13, 11, 2, 12, 3, 4, 7, 10, 12, 5, 6, 10, 8, 9', () => {
    const given: Given = {
      only: OURS,
      corpId: 'dingother',
      isBlocked: true,
      hasLeft: true,
      bound: ['ada', 'eve'],
      excluded: 'unlinked',
      legacy: [old('openId', 'bob')],
      phone: 'unusable',
      owners: [free('cy'), taken('dee')],
      isNumberBlocked: true,
      autoSignup: true,
    };
    const steps: Given[] = [
      {},
      { corpId: OURS },
      { isBlocked: false },
      { hasLeft: false },
      { bound: ['ada'] },
      { bound: [] },
      { excluded: undefined },
      { legacy: [] },
      { phone: 'known' },
      { owners: [free('cy', { isPrivileged: true, isBlocked: true })] },
      { owners: [free('cy', privileged)] },
      { owners: [free('cy')] },
      { owners: [taken('dee', privileged)] },
      { owners: [] },
      { isNumberBlocked: false },
      { autoSignup: false },
    ];
    const order = steps.map((step) => identify(evidenceOf(Object.assign(given, step))).rule);
    expect(order).toEqual([1, 10, 13, 11, 2, 12, 3, 4, 7, 10, 12, 5, 6, 10, 8, 9]);
  });
});

describe('who is found by a phone number, or by a key that others choose', () => {
  const found = (by: 'number' | 'openId' | 'phone' | 'userid', what: What): Given =>
    by === 'number' ? { owners: [free('ada', what)] } : { legacy: [old(by, 'ada', what)] };
  const policies = ['automatic', 'confirm', 'never'] as const;
  const ways = ['number', 'phone', 'userid', 'openId'] as const;
  const matched = { number: { rule: 5, bind: 'ada' }, rest: { rule: 3, rebind: 'ada' } };

  describe.each(policies)('under %s', (matchByPhone) => {
    const decide = (by: (typeof ways)[number], what: What) =>
      identify(evidenceOf({ ...found(by, what), matchByPhone, autoSignup: true }));

    it.each(['number', 'phone', 'userid'] as const)('T30: never a privileged user by %s', (by) => {
      expect(decide(by, privileged)).toEqual(linkFirst('the user is privileged', 'ada'));
    });

    it.each(['number', 'phone', 'userid'] as const)('T33: never a user again who was unlinked, by %s', (by) => {
      expect(decide(by, { excluded: 'unlinked' })).toEqual(linkFirst('the user was unlinked', 'ada'));
      expect(decide(by, { excluded: 'detached' })).toEqual(linkFirst('the user was detached', 'ada'));
    });

    it.each(ways)('T34: never a user who is blocked, by %s', (by) => {
      expect(decide(by, { isBlocked: true, isPrivileged: true, excluded: 'unlinked' })).toEqual(blocked('ada'));
    });

    it('a privileged user, and one who was unlinked, by the openId, which nobody chooses', () => {
      expect(decide('openId', { isPrivileged: true, excluded: 'unlinked' })).toEqual(matched.rest);
    });

    it('any other user by the openId and by the userid', () => {
      expect([decide('openId', {}), decide('userid', {})]).toEqual([matched.rest, matched.rest]);
    });
  });

  it('any other user by the number, and by one as an older key, under automatic', () => {
    expect([identify(evidenceOf(found('number', {}))), identify(evidenceOf(found('phone', {})))]).toEqual([
      matched.number,
      matched.rest,
    ]);
  });

  it.each(['confirm', 'never'] as const)('T31: nobody by a number, in whatever way, under %s', (matchByPhone) => {
    for (const by of ['number', 'phone'] as const) {
      const decision = identify(evidenceOf({ ...found(by, {}), matchByPhone, autoSignup: true }));
      expect(decision).toEqual(linkFirst(`matchByPhone is ${matchByPhone}`, 'ada'));
    }
  });

  it.each(policies)('a number that nobody has is a new user, under %s', (matchByPhone) => {
    expect(identify(evidenceOf({ matchByPhone, autoSignup: true }))).toEqual({ rule: 8, create: true });
  });
});

describe('identify, before the matches are loaded', () => {
  const early = (given: Given) => identify({ ...evidenceOf(given), matches: undefined });

  it('decides by rules 1, 10, 13, 11 and 2', () => {
    expect(early({ only: OURS, corpId: 'dingother', bound: ['ada'] })).toMatchObject({ rule: 1 });
    expect(early({ bound: ['ada'], isBlocked: true })).toMatchObject({ rule: 10 });
    expect(early({ bound: ['ada'], hasLeft: true })).toMatchObject({ rule: 13 });
    expect(early({ bound: ['ada', 'bob'] })).toMatchObject({ rule: 11 });
    expect(early({ bound: ['ada'] })).toEqual({ rule: 2, signIn: 'ada' });
  });

  it('leaves everything else open, also whether sign-up is on', () => {
    expect(early({ autoSignup: true })).toEqual({ rule: undefined });
  });
});

describe('whether one more call, for the userid, could change a decision', () => {
  const asks = (decision: object, matches: Partial<Matches<string>> = {}) =>
    dependsOnUserid(decision as Decision<unknown>, { matches: { ...noMatches, ...matches } });

  it('it could where a user would be refused, or created', () => {
    expect([4, 6, 7, 8, 9, 12].filter((rule) => !asks({ rule }))).toEqual([]);
  });

  it('it could not where a user is known, or the account is refused whoever it is', () => {
    expect([1, 2, 3, 5, 10, 11, 13].filter((rule) => asks({ rule }))).toEqual([]);
    expect(asks({ rule: 12 }, { excluded: 'unlinked' })).toBe(false);
  });

  it('T60: it could where the phone number alone is blocked, as the userid may find somebody else', () => {
    expect(asks({ rule: 10 }, { isNumberBlocked: true })).toBe(true);
  });
});
