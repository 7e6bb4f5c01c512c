import { callOnce, type Reader } from './calls';

/**
 * One call for a form, in the pace of the app: runs go on meanwhile.
 *
 * @param endpoint its name, as `Pace` counts it
 * @throws DingTalkError
 */
export const ask = <T>(
  reader: Reader,
  endpoint: string,
  call: (appToken: string, signal: AbortSignal) => Promise<T>,
): Promise<T> => reader.pace.run(endpoint, () => callOnce(reader, reader.signal, call), reader.signal);
