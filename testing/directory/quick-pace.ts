import { paceOf } from '../../src/server/directory/read/reader';
import type { Clock } from '../../src/server/dingtalk/clock';
import { CLIENT_ID } from '../nocobase/nocobase';

/**
 * Lets pauses pass at once: a test waits for no minute.
 *
 * @param work is given how many milliseconds have been waited for until then
 */
export async function withQuickPace(work: (waited: () => number) => Promise<void>): Promise<void> {
  const pace = paceOf(CLIENT_ID) as unknown as { clock: Clock; lanes: Map<string, unknown> };
  const { clock } = pace;
  let passed = 0;
  pace.clock = {
    now: () => clock.now() + passed,
    sleep: async (ms) => void (passed += ms),
  };
  try {
    await work(() => passed);
  } finally {
    pace.clock = clock;
    // Lanes that were closed until a time of that clock would stay so.
    pace.lanes.clear();
  }
}
