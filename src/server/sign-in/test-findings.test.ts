import type { DingTalkAccount } from '../dingtalk/api';
import type { Decision } from '../accounts/identify';
import { findingOfDecision, findingsOfAccount, userOf } from './test-findings';

const account: DingTalkAccount = {
  unionId: 'u',
  openId: 'o',
  nick: 'Ada',
  avatarUrl: undefined,
  mobile: '13412341234',
  stateCode: '86',
  email: 'ada@harbour.example',
};
const corpId = 'ding1';

describe('what DingTalk tells of an account', () => {
  it.each<[string, Partial<DingTalkAccount>, { corpId?: string }, string[]]>([
    ['all', {}, { corpId }, ['TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE', 'TEST_EMAIL']],
    ['without a Corp ID', {}, {}, ['TEST_ANY_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE', 'TEST_EMAIL']],
    [
      'no name',
      { nick: undefined },
      { corpId },
      ['TEST_ORGANIZATION', 'TEST_NAME_MISSING', 'TEST_PHONE', 'TEST_EMAIL'],
    ],
    [
      'a name that nobody sees',
      { nick: '\u200b' },
      { corpId },
      ['TEST_ORGANIZATION', 'TEST_NAME_MISSING', 'TEST_PHONE', 'TEST_EMAIL'],
    ],
    [
      'no number',
      { mobile: undefined },
      { corpId },
      ['TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE_MISSING', 'TEST_EMAIL'],
    ],
    [
      'a masked number',
      { mobile: '134****1234' },
      { corpId },
      ['TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE_MISSING', 'TEST_EMAIL'],
    ],
    ['no address', { email: ' ' }, { corpId }, ['TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE', 'TEST_EMAIL_MISSING']],
  ])('%s', (_, told, settings, expected) => {
    expect(findingsOfAccount({ ...account, ...told }, settings).map(({ code }) => code)).toEqual(expected);
  });

  it('never the phone number or the e-mail address itself', () => {
    const text = JSON.stringify(findingsOfAccount(account, { corpId }));
    expect(text).toContain('Ada');
    expect(text).not.toMatch(/13412341234|harbour/);
  });
});

describe('what a decision comes to', () => {
  const values = { user: 'Ada (ID 1)' };
  it.each<[Decision<string>, string | undefined, object]>([
    [{ rule: 2, signIn: 'Ada' }, 'Ada', { code: 'TEST_LINKED', values }],
    [{ rule: 3, rebind: 'Ada' }, 'Ada', { code: 'TEST_OLD_KEY', values }],
    [{ rule: 5, bind: 'Ada' }, 'Ada', { code: 'TEST_MATCHED', values }],
    [{ rule: 8, create: true }, undefined, { code: 'TEST_CREATED' }],
    [
      { rule: 12, refuse: 'LINK_FIRST', user: 'Ada', reason: 'the user is privileged' },
      undefined,
      { code: 'TEST_REFUSED', values: { rule: '12', sentence: 'Link first.' } },
    ],
  ])('%j', (decision, user, expected) => {
    expect(userOf(decision)).toBe(user);
    expect(findingOfDecision(decision, { ...values, sentence: 'Link first.' })).toEqual(expected);
  });
});
