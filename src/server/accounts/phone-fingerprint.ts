import { createHmac } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import type { PhoneNumber } from 'libphonenumber-js';
import { keyOf } from '../http/key';

/**
 * What an exclusion keeps of a phone number: enough to know it again, under this authenticator alone. There are so few
 * phone numbers that whoever reads a plain hash tries them all; without the key, of which nothing is in the database,
 * they cannot. With another `APP_KEY` no fingerprint is known again.
 *
 * @param authenticator its name
 * @returns 64 hexadecimal digits, which no collation takes for others
 */
export function phoneFingerprint(ctx: Context, authenticator: string, phone: PhoneNumber): string {
  return createHmac('sha256', keyOf(ctx, 'phone number')).update(`${authenticator}.${phone.number}`).digest('hex');
}
