import { type Account, type Emulator, startEmulator } from '../../emulator';
import { addPerson } from '../../emulator/people';

/** The emulator, with people who are born as a test needs them. */
export async function startDingTalk() {
  const emulator: Emulator = await startEmulator();
  process.env.DINGTALK_LOGIN_URL = emulator.url;
  process.env.DINGTALK_API_URL = emulator.url;
  process.env.DINGTALK_OAPI_URL = emulator.url;
  return Object.assign(emulator, {
    corpId: emulator.company.corps[0].corpId,
    addPerson: (values?: Partial<Account>) => addPerson(emulator, values),
  });
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
