import type { Context } from '@nocobase/actions';
import { CodedError } from '../http/coded-error';

/** How long a form waits for a reading of the directory: 10,000 members take 42 seconds. */
const FORM_MS = 5 * 60_000;

/** The apps whose directory this process reads for a form. */
const underWay = new Set<string>();

/**
 * Reads the directory of an app for a form, one reading at a time: each takes thousands of calls, in the pace that runs
 * share, and holds the whole directory in memory. It ends when the form is closed.
 *
 * @throws CodedError SYNC_RUNNING at once, where another form reads
 */
export async function readForForm<T>(
  ctx: Context,
  clientId: string,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (underWay.has(clientId)) {
    throw new CodedError('SYNC_RUNNING', { reason: 'another form reads the directory' });
  }
  const closed = new AbortController();
  const close = () => closed.abort(new CodedError('SYNC_INTERRUPTED'));
  ctx.res.once('close', close);
  underWay.add(clientId);
  try {
    return await read(AbortSignal.any([closed.signal, AbortSignal.timeout(FORM_MS)]));
  } finally {
    underWay.delete(clientId);
    ctx.res.off('close', close);
  }
}
