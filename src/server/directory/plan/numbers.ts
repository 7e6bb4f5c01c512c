import { phoneOf, readPhone, storedPhone } from '../../accounts/phone';
import type { DirectoryMember } from '../../dingtalk/address-book';

/** A phone number as plain data. */
export interface Numbered {
  /** As numbers are compared: `+8613800138000`. */
  number: string;
  /** As one is stored for a user: `13800138000`. */
  stored: string;
}

/**
 * A Chinese mobile number in its usual spelling. Nearly all numbers are such, and reading one as if it could be of any
 * country takes 0.1 ms: 20 s of a company of 100,000.
 */
const USUAL = /^1[3-9]\d{9}$/;

/** The number that DingTalk names, or undefined where it names none that can be compared, see `phoneOf`. */
export function numberOf({ mobile, stateCode }: Pick<DirectoryMember, 'mobile' | 'stateCode'>): Numbered | undefined {
  if (mobile !== undefined && USUAL.test(mobile) && (stateCode === undefined || stateCode === '86')) {
    return { number: `+86${mobile}`, stored: mobile };
  }
  const phone = phoneOf({ mobile, stateCode });
  return phone && { number: phone.number, stored: storedPhone(phone) };
}

/** The number that a text of NocoBase is, or undefined where it is none. */
export const readNumber = (entered: string): string | undefined =>
  USUAL.test(entered) ? `+86${entered}` : readPhone(entered)?.number;
