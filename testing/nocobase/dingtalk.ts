import { type Account, type Emulator, startEmulator } from '../../emulator';

/** The emulator, with people who are born as a test needs them. */
export async function startDingTalk() {
  const emulator: Emulator = await startEmulator();
  process.env.DINGTALK_LOGIN_URL = emulator.url;
  process.env.DINGTALK_API_URL = emulator.url;
  process.env.DINGTALK_OAPI_URL = emulator.url;
  return Object.assign(emulator, {
    corpId: emulator.data.organizations[0].corpId,
    addPerson: (values?: Partial<Account>) => emulator.addAccount(values),
  });
}

export type DingTalk = Awaited<ReturnType<typeof startDingTalk>>;
