import { type Emulator, startEmulator } from '../../emulator';

/** The emulator, to which the plugin of this process is pointed. */
export async function startDingTalk() {
  const emulator: Emulator = await startEmulator();
  process.env.DINGTALK_LOGIN_URL = emulator.url;
  process.env.DINGTALK_API_URL = emulator.url;
  process.env.DINGTALK_OAPI_URL = emulator.url;
  return Object.assign(emulator, { corpId: emulator.data.organizations[0].corpId });
}

export type DingTalk = Awaited<ReturnType<typeof startDingTalk>>;

/**
 * Gives what is done meanwhile a tenth of a second wherever the plugin gives DingTalk its five. Only for a DingTalk that
 * never answers: a good answer may take longer on a busy machine.
 */
export async function withShortDeadlines<T>(work: () => Promise<T>): Promise<T> {
  const { timeout } = AbortSignal;
  const shortened = jest
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation((ms) => timeout.call(AbortSignal, ms === 5000 ? 100 : ms));
  try {
    return await work();
  } finally {
    shortened.mockRestore();
  }
}
