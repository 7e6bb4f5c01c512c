import { createHmac } from 'node:crypto';
import type { Application } from '@nocobase/server';
import { backgroundContext } from '../../http/background';
import { keyOf } from '../../http/key';
import { readNumber } from '../plan/numbers';

/**
 * What the row of a member keeps of a value that was written into a column of the user: enough to know it again, and no
 * second copy of phone numbers and e-mail addresses. A phone number in another spelling is the same.
 */
export type Fingerprint = (column: string, value: string) => string;

/** As a number of the column is compared. */
export const comparable: Fingerprint = (column, value) => (column === 'phone' && readNumber(value)) || value;

/**
 * Of a source. With a key, as there are so few phone numbers that whoever reads plain hashes tries them all. With another
 * `APP_KEY` nothing is known again, and columns count as ours once they are as in DingTalk.
 */
export function fingerprintOf(app: Application, sourceId: string): Fingerprint {
  const key = keyOf(backgroundContext(app), `values of source ${sourceId}`);
  return (column, value) => {
    const hash = createHmac('sha256', key)
      .update(`${column}.${comparable(column, value)}`)
      .digest('base64url');
    // A slice of a text keeps all of it: of two columns of 100,000 members, 11 MiB more.
    return Buffer.from(hash).toString('latin1', 0, 22);
  };
}
