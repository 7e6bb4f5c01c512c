/**
 * Makes a call with a signal of its own, which ends with another one, or when the time is over.
 *
 * What Node keeps of `AbortSignal.any` and of `AbortSignal.timeout` stays until that time is over, however soon the call has
 * ended: of the 11,000 calls of a reading of 100,000 members that was 35 MiB of garbage more.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new DOMException('no answer in time', 'TimeoutError')), timeoutMs).unref();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) {
    end();
  }
  try {
    return await call(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
