import { publicOptionsOf, settingsOf } from './settings';

const dingtalk = { clientId: 'ding-client', clientSecret: 'secret', corpId: 'ding-corp' };

/** What the log says of options that were refused. */
function reasonOf(options: unknown, entered?: unknown): string | undefined {
  try {
    settingsOf(options, entered);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'NOT_CONFIGURED' });
    return (error as { detail: { reason?: string } }).detail.reason;
  }
}

describe('settingsOf', () => {
  it('reads all settings', () => {
    expect(settingsOf({ dingtalk, public: { autoSignup: true, autoSignIn: true } })).toEqual({
      ...dingtalk,
      autoSignup: true,
      autoSignIn: true,
    });
  });

  it('trims what was pasted with spaces', () => {
    const pasted = { clientId: ' ding-client ', clientSecret: '\tsecret\n', corpId: ' ding-corp ' };
    expect(settingsOf({ dingtalk: pasted })).toMatchObject(dingtalk);
  });

  it.each([undefined, null, {}, { autoSignup: null, autoSignIn: null }])(
    'sign-up and automatic sign-in are off with %j',
    (options) => {
      expect(settingsOf({ dingtalk, public: options })).toMatchObject({ autoSignup: false, autoSignIn: false });
    },
  );

  it('sign-up does not turn on automatic sign-in, nor the other way round', () => {
    expect(settingsOf({ dingtalk, public: { autoSignup: true } })).toMatchObject({
      autoSignup: true,
      autoSignIn: false,
    });
    expect(settingsOf({ dingtalk, public: { autoSignIn: true } })).toMatchObject({
      autoSignup: false,
      autoSignIn: true,
    });
  });

  it.each([undefined, null, '', '  '])('the Corp ID %j is none', (corpId) => {
    expect(settingsOf({ dingtalk: { ...dingtalk, corpId } }).corpId).toBeUndefined();
  });

  it.each([
    ['no options', undefined, ''],
    ['no settings of DingTalk', {}, 'dingtalk'],
    ['no Client ID', { dingtalk: { ...dingtalk, clientId: undefined } }, 'dingtalk.clientId'],
    ['a Client ID of spaces', { dingtalk: { ...dingtalk, clientId: '  ' } }, 'dingtalk.clientId'],
    ['an empty Client Secret', { dingtalk: { ...dingtalk, clientSecret: '' } }, 'dingtalk.clientSecret'],
    ['neither', { dingtalk: {} }, 'dingtalk.clientId, dingtalk.clientSecret'],
    ['a Corp ID that is no text', { dingtalk: { ...dingtalk, corpId: 1 } }, 'dingtalk.corpId'],
    ['a switch that is no boolean', { dingtalk, public: { autoSignup: 'true' } }, 'public.autoSignup'],
    ['another switch that is none', { dingtalk, public: { autoSignIn: 1 } }, 'public.autoSignIn'],
  ])('is refused with %s, and the log says what is missing', (_, options, reason) => {
    expect(reasonOf(options)).toBe(reason);
  });

  it('a Corp ID whose variable has no value is refused: every organization could sign in', () => {
    const entered = { dingtalk: { ...dingtalk, corpId: '{{$env.CORP_ID}}' } };
    for (const corpId of [undefined, null, '', ' ']) {
      expect(reasonOf({ dingtalk: { ...dingtalk, corpId } }, entered)).toBe('dingtalk.corpId');
    }
    expect(settingsOf({ dingtalk }, entered).corpId).toBe('ding-corp');
  });
});

describe('publicOptionsOf', () => {
  it('names the app where automatic sign-in is on, and never the secret', () => {
    expect(publicOptionsOf({ dingtalk, public: { autoSignIn: true, autoSignup: true } })).toEqual({
      autoSignIn: true,
      clientId: 'ding-client',
      corpId: 'ding-corp',
    });
  });

  it.each([
    ['automatic sign-in is off', { dingtalk, public: { autoSignup: true } }],
    ['the settings are broken', { dingtalk: { clientId: 'ding-client' }, public: { autoSignIn: true } }],
  ])('names nothing where %s', (_, options) => {
    expect(publicOptionsOf(options)).toEqual({});
  });
});
