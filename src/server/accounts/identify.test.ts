import { type Evidence, identify, type Matches } from './identify';

const OURS = 'dingours';

/** An account with a phone number that no user has, and no binding: rule 8, or 9. */
const noMatches: Matches<string> = { legacyUsers: [], hasPhone: true, owners: [], isComplete: true };

interface Given extends Partial<Matches<string>> {
  /** Corp ID of the settings. */
  only?: string;
  /** Corp ID that DingTalk names. */
  corpId?: string;
  bound?: string;
  autoSignup?: boolean;
}

const evidenceOf = ({ only, corpId, bound, autoSignup = false, ...matches }: Given): Required<Evidence<string>> => ({
  settings: { corpId: only, autoSignup },
  corpId,
  binding: { user: bound },
  matches: { ...noMatches, ...matches },
});

const free = (user: string) => ({ user, isBound: false });
const taken = (user: string) => ({ user, isBound: true });

describe('identify, by the table of docs/identity.md', () => {
  it.each<[string, Given, ReturnType<typeof identify>]>([
    ['1: another organization', { only: OURS, corpId: 'dingother' }, { rule: 1, refuse: 'WRONG_ORGANIZATION' }],
    ['1: no organization', { only: OURS }, { rule: 1, refuse: 'WRONG_ORGANIZATION' }],
    [
      '1: also one that differs in capital letters',
      { only: OURS, corpId: 'DINGOURS' },
      { rule: 1, refuse: 'WRONG_ORGANIZATION' },
    ],
    ['2: a user is bound to the unionId', { bound: 'ada' }, { rule: 2, signIn: 'ada' }],
    ['3: one user is bound by an older key', { legacyUsers: ['ada'] }, { rule: 3, rebind: 'ada' }],
    ['4: no phone number', { hasPhone: false }, { rule: 4, refuse: 'PHONE_UNAVAILABLE' }],
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
    ['6: one user with the number, bound', { owners: [taken('ada')] }, { rule: 6, refuse: 'ACCOUNT_ALREADY_LINKED' }],
    ['8: no user with the number, sign-up on', { autoSignup: true }, { rule: 8, create: true }],
    ['9: no user with the number, sign-up off', {}, { rule: 9, refuse: 'USER_NOT_FOUND' }],
  ])('rule %s', (_, given, decision) => {
    expect(identify(evidenceOf(given))).toEqual(decision);
  });

  it('rule 1 does not apply without a Corp ID in the settings', () => {
    expect(identify(evidenceOf({ corpId: 'dingother' }))).toMatchObject({ rule: 9 });
  });

  it('rule 1 lets the configured organization pass', () => {
    expect(identify(evidenceOf({ only: OURS, corpId: OURS }))).toMatchObject({ rule: 9 });
  });

  it('rule 3 does not choose between two users who are bound by older keys', () => {
    expect(identify(evidenceOf({ legacyUsers: ['ada', 'bob'] }))).toMatchObject({ rule: 9 });
  });

  /** Everything at once that makes each rule apply; what is taken away lets the next rule decide. */
  it('tries the rules in the order 1, 2, 3, 4, 7, 5, 6, 8, 9', () => {
    const given: Given = {
      only: OURS,
      corpId: 'dingother',
      bound: 'ada',
      legacyUsers: ['bob'],
      hasPhone: false,
      owners: [free('cy'), taken('dee')],
      autoSignup: true,
    };
    const steps: Given[] = [
      {},
      { corpId: OURS },
      { bound: undefined },
      { legacyUsers: [] },
      { hasPhone: true },
      { owners: [free('cy')] },
      { owners: [taken('dee')] },
      { owners: [] },
      { autoSignup: false },
    ];
    const order = steps.map((step) => identify(evidenceOf(Object.assign(given, step))).rule);
    expect(order).toEqual([1, 2, 3, 4, 7, 5, 6, 8, 9]);
  });
});

describe('identify, before the matches are loaded', () => {
  const early = (given: Given) => identify({ ...evidenceOf(given), matches: undefined });

  it('decides by rules 1 and 2', () => {
    expect(early({ only: OURS, corpId: 'dingother', bound: 'ada' })).toMatchObject({ rule: 1 });
    expect(early({ bound: 'ada' })).toEqual({ rule: 2, signIn: 'ada' });
  });

  it('leaves everything else open, also whether sign-up is on', () => {
    expect(early({ autoSignup: true })).toEqual({ rule: undefined });
  });
});
