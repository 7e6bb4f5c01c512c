import { namesOfUnpublished, parseSettings, publicOptionsOf } from './settings';

const dingtalk = { clientId: 'ding0001', clientSecret: 'secret' };

describe('parseSettings', () => {
  it('reads what the settings form saves, without blanks', () => {
    const options = {
      dingtalk: { ...dingtalk, clientId: ' ding0001 ', corpId: ' dingcorp ' },
      public: { autoSignup: true },
    };
    expect(parseSettings(options)).toEqual({
      clientId: 'ding0001',
      clientSecret: 'secret',
      corpId: 'dingcorp',
      autoSignup: true,
      autoSignIn: false,
      matchByPhone: 'automatic',
      protectedRoles: [],
      emailDomains: [],
      signUpWithoutPhone: false,
      dedicatedAccounts: false,
    });
  });

  it('reads who may be matched and who may become a user', () => {
    const more = {
      matchByPhone: 'never',
      protectedRoles: ['finance'],
      emailDomains: [' Corp.Example ', ''],
      signUpWithoutPhone: true,
      dedicatedAccounts: true,
    };
    expect(parseSettings({ dingtalk: { ...dingtalk, defaultRole: ' clerk ' } })).toMatchObject({
      defaultRole: 'clerk',
    });
    expect(parseSettings({ dingtalk: { ...dingtalk, defaultRole: ' ' } }).defaultRole).toBeUndefined();
    const parsed = parseSettings({ dingtalk: { ...dingtalk, corpId: 'dingcorp', ...more } });
    expect(parsed).toMatchObject({ ...more, emailDomains: ['corp.example'] });
    // Strangers of other organizations have no phone number, either.
    expect(parseSettings({ dingtalk: { ...dingtalk, ...more } })).toMatchObject({
      signUpWithoutPhone: false,
      dedicatedAccounts: false,
    });
  });

  it('T10: refuses a way to match that it does not know, in place of matching by phone', () => {
    expect(() => parseSettings({ dingtalk: { ...dingtalk, matchByPhone: 'ask' } })).toThrow(
      expect.objectContaining({ code: 'NOT_CONFIGURED', detail: { reason: 'dingtalk.matchByPhone' } }),
    );
  });

  it.each([
    ['no Corp ID', { dingtalk }],
    ['an empty one', { dingtalk: { ...dingtalk, corpId: '' } }],
    ['null', { dingtalk: { ...dingtalk, corpId: null }, public: null }],
  ])('has no Corp ID with %s, and neither option on', (_, options) => {
    expect(parseSettings(options)).toMatchObject({ corpId: undefined, autoSignup: false, autoSignIn: false });
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'dingtalk'],
    ['no Client Secret', { dingtalk: { clientId: 'x' } }, 'dingtalk.clientSecret'],
    ['blanks', { dingtalk: { clientId: ' ', clientSecret: ' ' } }, 'dingtalk.clientId, dingtalk.clientSecret'],
    ['another type', { dingtalk, public: 'yes' }, 'public'],
  ])('refuses %s, and names it for the log', (_, options, reason) => {
    expect(() => parseSettings(options)).toThrow(
      expect.objectContaining({ code: 'NOT_CONFIGURED', detail: { reason } }),
    );
  });

  it.each(['{{$env.SECRET.0}}', 'ding{{ $env.SECRET.length }}x', '{{$env.A}}{{$env.SECRET.0:x}}'])(
    'T44: refuses a part of a variable, wherever it stands: %s',
    (text) => {
      for (const entered of [{ dingtalk: { ...dingtalk, corpId: text } }, { public: { more: [text] } }]) {
        expect(() => parseSettings({ dingtalk: { ...dingtalk, corpId: 'dings' } }, entered)).toThrow(
          expect.objectContaining({ code: 'NOT_CONFIGURED', detail: { reason: 'a part of a variable' } }),
        );
      }
    },
  );

  it('accepts whole variables, also with a value in place of one that is missing', () => {
    const entered = {
      dingtalk: { clientId: 'ding{{ $env.A }}.{{$env.B:1.5}}', clientSecret: 'a.{{$env.C}}.b', corpId: '' },
    };
    expect(parseSettings({ dingtalk }, entered)).toMatchObject({ clientId: 'ding0001' });
  });

  it('T11: refuses a Corp ID whose variable has no value, in place of accepting every organization', () => {
    const entered = { dingtalk: { ...dingtalk, corpId: '{{$env.CORP_ID}}' } };
    expect(() => parseSettings({ dingtalk }, entered)).toThrow(
      expect.objectContaining({ code: 'NOT_CONFIGURED', detail: { reason: 'dingtalk.corpId' } }),
    );
  });
});

describe('publicOptionsOf', () => {
  const options = { dingtalk: { ...dingtalk, corpId: 'dingcorp' }, public: { autoSignIn: true } };

  it('T14: has no secret', () => {
    expect(publicOptionsOf(options, [])).toEqual({ autoSignIn: true, clientId: 'ding0001', corpId: 'dingcorp' });
  });

  it.each(['button', 'atOnce'])('has what the sign-in page makes of the button: %s', (first) => {
    const withFirst = { dingtalk: { ...options.dingtalk, first } };
    expect(publicOptionsOf(withFirst, [])).toEqual({ first });
    expect(publicOptionsOf({ ...withFirst, ...{ public: { autoSignIn: true } } }, [])).toMatchObject({
      first,
      autoSignIn: true,
    });
    // Nobody could sign in by the button that would stand alone.
    expect(publicOptionsOf(withFirst, ['ding0001'])).toEqual({});
    expect(publicOptionsOf({ dingtalk: { clientId: 'ding0001', first } }, [])).toEqual({});
  });

  it.each([undefined, null, 'no', 'always', 1, ['atOnce']])('has nothing of it where it is %p', (first) => {
    expect(publicOptionsOf({ dingtalk: { ...options.dingtalk, first } }, [])).toEqual({});
  });

  it('has nothing where the sign-in inside DingTalk is off, or the options are incomplete', () => {
    expect(publicOptionsOf({ ...options, public: { autoSignup: true } }, [])).toEqual({});
    expect(publicOptionsOf({ public: { autoSignIn: true } }, [])).toEqual({});
  });

  it('T44: has nothing where it was entered by a part of a variable', () => {
    const entered = { ...options, dingtalk: { ...options.dingtalk, clientId: 'ding{{$env.SECRET.0}}' } };
    expect(publicOptionsOf(options, [], entered)).toEqual({});
  });

  it('T44: has nothing where a secret stands in place of the Client ID or the Corp ID', () => {
    expect(publicOptionsOf(options, ['ding0001'])).toEqual({});
    expect(publicOptionsOf(options, ['dingcorp'])).toEqual({});
  });
});

describe('namesOfUnpublished', () => {
  const names = (given: object, secrets: string[] = []) =>
    namesOfUnpublished(parseSettings({ dingtalk: { ...dingtalk, corpId: 'dingcorp', ...given } }), secrets);

  it.each(['dingoabcdefghijklmn', 'dingeqqpkv3xxxxxxyy9', 'suiteabcdefghijk1234', 'DINGabc_1-2', 'ding0001'])(
    'publishes a Client ID such as %s',
    (clientId) => expect(names({ clientId })).toEqual([]),
  );

  it.each([
    ['a Client Secret of DingTalk', 'kQ3vTz8wYb5nJx2mRc7dLf9sHg4pVa6uEe1iOo0kQ3vTz8wYb5nJx2mRc7dLf9sH'],
    ['one that begins like a Client ID', `ding${'a1'.repeat(30)}`],
    ['a key with a prefix of its own', 'sk-live-4f9a8b7c6d5e'],
    ['a hash', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a password', 'correct horse'],
    ['an address', 'https://ding.example.com/'],
    ['more lines than one', 'ding0001\nsecret'],
  ])('T44: publishes nothing with the shape of a secret: %s', (_, value) => {
    expect(names({ clientId: value })).toEqual(['Client ID']);
    expect(names({ corpId: value })).toContain('Corp ID');
  });

  it.each<[string, object, string[], string[]]>([
    ['the Client Secret', { clientId: 'dingsecret', clientSecret: 'dingsecret' }, [], ['Client ID']],
    ['the Client Secret, as Corp ID', { corpId: 'dingsecret', clientSecret: 'dingsecret' }, [], ['Corp ID']],
    ['a secret variable', {}, ['another', ' ding0001 '], ['Client ID']],
    ['a secret variable, as both', { corpId: 'ding0001' }, ['ding0001'], ['Client ID', 'Corp ID']],
    ['a secret variable with more around it', { corpId: 'dings3cretvalue' }, ['s3cretvalue'], ['Corp ID']],
  ])('T44: publishes no stored secret: %s', (_, given, secrets, expected) => {
    expect(names(given, secrets)).toEqual(expected);
  });

  it('T44: publishes no value that a secret variable is in, however short the secret', () => {
    const settings = parseSettings({ dingtalk: { clientId: 'ding12345', clientSecret: 'x', corpId: 'ding678' } });
    const opened = (clientId?: string, corpId?: string) =>
      namesOfUnpublished(settings, [], { dingtalk: { clientId, corpId } });
    expect(opened(' ding12345 ', 'ding678 ')).toEqual([]);
    expect(opened('ding', 'ding678')).toEqual(['Client ID']);
    expect(opened('ding12345', undefined)).toEqual(['Corp ID']);
    expect(namesOfUnpublished(settings, [], {})).toEqual(['Client ID', 'Corp ID']);
  });

  it('is not stopped by a short secret that happens to be a part of a value, or by an empty one', () => {
    expect(names({}, ['ding', '0', ''])).toEqual([]);
  });

  it('needs no Corp ID', () => expect(names({ corpId: '' })).toEqual([]));
});
