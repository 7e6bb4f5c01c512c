import { type Emulator, startEmulator } from '../../../emulator';
import { checkSettings } from './check';
import { parseSettings } from './settings';

describe('checkSettings', () => {
  let dingtalk: Emulator;

  beforeAll(async () => {
    dingtalk = await startEmulator();
    process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
    // NocoBase warns that the emulator is on this machine.
    jest.spyOn(console, 'warn').mockReturnValue();
  });

  afterAll(() => dingtalk.close());

  beforeEach(() => dingtalk.reset());

  function settings() {
    const { clientId, clientSecret } = dingtalk.data.apps[0];
    const { corpId } = dingtalk.data.organizations[0];
    const options = { dingtalk: { clientId, clientSecret, corpId }, public: { autoSignIn: true } };
    return parseSettings(options, options);
  }

  it('waits five seconds for DingTalk, for all calls together', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    const codes = (await checkSettings(settings())).map(({ code }) => code);
    expect(timeout.mock.calls).toEqual([[5000]]);
    expect(codes).toContain('MEMBERS_READABLE');
    timeout.mockRestore();
  });

  it.each([
    ['accessToken', 'hang'],
    ['*', 'drip'],
  ] as const)('finds DingTalk unreachable at its deadline: %s, %s', async (endpoint, fault) => {
    dingtalk.data.faults = [{ endpoint, fault }];
    const found = await checkSettings(settings(), [], 200);
    expect(found.filter(({ code }) => code.startsWith('DINGTALK_'))).toMatchObject([{ code: 'DINGTALK_UNREACHABLE' }]);
  });

  it('accepts the credentials of an older app, which DingTalk knows only together with its organization', async () => {
    dingtalk.data.apps[0].tokenNeedsCorpId = true;
    const codesOf = async (changes = {}) =>
      (await checkSettings({ ...settings(), ...changes })).map(({ code }) => code);
    const codes = await codesOf();
    expect(codes).toEqual(expect.arrayContaining(['CREDENTIALS_ACCEPTED', 'CORP_ID_CONFIRMED', 'MEMBERS_READABLE']));
    expect(dingtalk.calls).toHaveLength(5);
    expect(await codesOf({ corpId: undefined })).toContain('CREDENTIALS_REFUSED');
    expect(await codesOf({ clientSecret: 'wrong' })).toContain('CREDENTIALS_REFUSED');
  });

  it('T44: asks no address that a secret is a part of, and warns of no Corp ID that is missing', async () => {
    dingtalk.data.apps[0].tokenNeedsCorpId = true;
    const found = await checkSettings(settings(), ['Corp ID']);
    expect(dingtalk.calls.filter(({ path }) => path.includes(settings().corpId ?? ''))).toEqual([]);
    expect(JSON.stringify(found)).not.toContain(settings().corpId);
    expect(found.map(({ code }) => code)).not.toContain('CORP_ID_MISSING');
  });
});
