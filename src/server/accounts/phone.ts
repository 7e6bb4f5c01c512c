import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';

/** Country of a number that names none: DingTalk's home, and what `users.phone` holds without a prefix. */
const HOME = 'CN';
const HOME_CODE = '86';

/** The number that DingTalk names, or undefined where there is none to rely on: absent, masked, not a number. */
export function phoneOf(person: { mobile?: string; stateCode?: string }): PhoneNumber | undefined {
  // Stryker disable next-line StringLiteral: any other text that is no number is refused as this one is.
  const mobile = person.mobile ?? '';
  const code = (person.stateCode ?? HOME_CODE).replace(/^(\+|00)/, '');
  if (!/^[\d\s().-]{4,24}$/.test(mobile) || !/^\d{1,3}$/.test(code)) {
    return undefined;
  }
  const phone = parsePhoneNumberFromString(`+${code}${mobile}`);
  return phone?.countryCallingCode === code && phone.isPossible() ? phone : undefined;
}

/** Whether a text from `users.phone`, where anything may stand, is this number. */
export function isPhone(phone: PhoneNumber, stored: unknown): boolean {
  if (typeof stored !== 'string' || !/^[\d\s+().-]{4,64}$/.test(stored)) {
    return false;
  }
  return parsePhoneNumberFromString(stored.replace(/[\s().-]/g, ''), HOME)?.number === phone.number;
}

/** As a new user gets it: `13800138000`, `+14155550100`. */
export function storedPhone(phone: PhoneNumber): string {
  return phone.countryCallingCode === HOME_CODE ? phone.nationalNumber : phone.number;
}

/** The ways in which people usually write this number, for one query that an index answers. */
export function usualSpellings(phone: PhoneNumber): string[] {
  const { countryCallingCode: code, nationalNumber: national } = phone;
  const groupings = [national, phone.formatInternational().slice(code.length + 2)];
  const grouped = [...new Set(groupings.flatMap((text) => [text, text.replaceAll(' ', '-')]))];
  const prefixes = ['+', '00', ''].flatMap((sign) => ['', ' ', '-'].map((gap) => `${sign}${code}${gap}`));
  const withCountry = prefixes.flatMap((prefix) => grouped.map((text) => prefix + text));
  // `14155550100` may be meant as American, but is read as Chinese.
  return [...grouped, ...withCountry].filter((text) => isPhone(phone, text));
}

/** An SQL pattern that finds the number under any separators, and others too: ask `isPhone` of each. */
export function anySpelling(phone: PhoneNumber): string {
  return `%${[...phone.nationalNumber].join('%')}%`;
}
