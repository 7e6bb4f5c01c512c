import { waysIn } from './ways-in';

describe('waysIn', () => {
  const access = {
    authenticators: [
      { name: 'basic', authType: 'Email/Password' },
      { name: 'dingtalk', authType: 'dingtalk' },
      { name: 'sms', authType: 'SMS' },
    ],
    boundTo: [],
    refusedBy: [],
    hasPassword: false,
    passwordType: 'Email/Password',
    isAvailable: () => true,
  };

  it.each<[string, Partial<Parameters<typeof waysIn>[0]>, string[]]>([
    ['a user without password and binding has none', {}, []],
    ['a password is one', { hasPassword: true }, ['basic']],
    ['a binding is one', { boundTo: ['dingtalk'] }, ['dingtalk']],
    ['a binding under which the user is blocked is none', { boundTo: ['dingtalk'], refusedBy: ['dingtalk'] }, []],
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
