import { isWellFormedCorpId, parseSettings, publicOptionsOf } from './settings';

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
    });
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
    expect(publicOptionsOf(options)).toEqual({ autoSignIn: true, clientId: 'ding0001', corpId: 'dingcorp' });
  });

  it('has nothing where the sign-in inside DingTalk is off, or the options are incomplete', () => {
    expect(publicOptionsOf({ ...options, public: { autoSignup: true } })).toEqual({});
    expect(publicOptionsOf({ public: { autoSignIn: true } })).toEqual({});
  });
});

describe('isWellFormedCorpId', () => {
  it.each(['ding12ab', 'dingA', 'DING1'])('%s is', (corpId) => expect(isWellFormedCorpId(corpId)).toBe(true));

  it.each([
    'ding',
    '',
    undefined,
    'corp1',
    'ding/../x',
    '../accessToken?x=',
    '../accessToken?x=ding1',
    'ding1 ',
    'ding1\n',
  ])('T12: %j is not', (corpId) => expect(isWellFormedCorpId(corpId)).toBe(false));
});
