import { getEventListeners } from 'node:events';
import { withDeadline } from './deadline';

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason as Error);
    signal.addEventListener('abort', end);
    if (signal.aborted) {
      end();
    }
  });

const LONG_MS = 60_000;

describe('a call with a deadline', () => {
  it('answers what it answers, and leaves nothing behind', async () => {
    const { signal } = new AbortController();
    const timers = process.getActiveResourcesInfo().length;
    let own: AbortSignal | undefined;
    expect(await withDeadline(signal, LONG_MS, async (given) => ((own = given), 7))).toBe(7);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(process.getActiveResourcesInfo().length).toBe(timers);
    expect(own?.aborted).toBe(false);
  });

  it('ends when the time is over', async () => {
    const { signal } = new AbortController();
    await expect(withDeadline(signal, 20, untilAborted)).rejects.toThrow('no answer in time');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends for the reason for which all ends, be it before or meanwhile', async () => {
    const all = new AbortController();
    const call = withDeadline(all.signal, LONG_MS, untilAborted);
    all.abort(new Error('the server stops'));
    await expect(call).rejects.toThrow('the server stops');
    await expect(withDeadline(all.signal, LONG_MS, untilAborted)).rejects.toThrow('the server stops');
  });
});
