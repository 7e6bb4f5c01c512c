import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';

/** A number without a country is read as one of China, where DingTalk is from: `users.phone` mostly holds such numbers. */
const HOME = 'CN';
const HOME_CODE = '86';

/**
 * The phone number of an account, or undefined where DingTalk names none that can be compared: absent, masked, or not a
 * number of the country.
 */
export function phoneOf(account: { mobile?: string; stateCode?: string }): PhoneNumber | undefined {
  // Stryker disable next-line StringLiteral: any other text that is no number is refused as this one is.
  const mobile = account.mobile ?? '';
  const code = (account.stateCode ?? HOME_CODE).replace(/^(\+|00)/, '');
  if (!/^[\d\s().-]{4,24}$/.test(mobile) || !/^\d{1,3}$/.test(code)) {
    return undefined;
  }
  const phone = parsePhoneNumberFromString(`+${code}${mobile}`);
  return phone?.countryCallingCode === code && phone.isPossible() ? phone : undefined;
}

/** Whether a text from `users.phone`, which users and administrators enter freely, is this number. */
export function isPhone(phone: PhoneNumber, stored: unknown): boolean {
  return readPhone(stored)?.number === phone.number;
}

/** The number that an entered text is, or undefined where it is none. */
export function readPhone(entered: unknown): PhoneNumber | undefined {
  if (typeof entered !== 'string' || !/^[\d\s+().-]{4,64}$/.test(entered)) {
    return undefined;
  }
  return parsePhoneNumberFromString(entered.replace(/[\s().-]/g, ''), HOME);
}

/** As it is stored for a new user: `13800138000`, `+14155550100`. */
export function storedPhone(phone: PhoneNumber): string {
  return phone.countryCallingCode === HOME_CODE ? phone.nationalNumber : phone.number;
}

/** The usual ways to write this number, for one query that an index answers. */
export function usualSpellings(phone: PhoneNumber): string[] {
  const { countryCallingCode: code, nationalNumber: national } = phone;
  const groupings = [national, phone.formatInternational().slice(code.length + 2)];
  const grouped = [...new Set(groupings.flatMap((text) => [text, text.replaceAll(' ', '-')]))];
  const prefixes = ['+', '00', ''].flatMap((sign) => ['', ' ', '-'].map((gap) => `${sign}${code}${gap}`));
  const withCountry = prefixes.flatMap((prefix) => grouped.map((text) => prefix + text));
  // `14155550100` may be meant as American, but is read as Chinese.
  return [...grouped, ...withCountry].filter((text) => isPhone(phone, text));
}

/** A pattern for SQL's LIKE that finds the number with any separators, and other numbers too: ask `isPhone` of each. */
export function anySpelling(phone: PhoneNumber): string {
  return `%${[...phone.nationalNumber].join('%')}%`;
}
