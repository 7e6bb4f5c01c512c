import { getCountries, getCountryCallingCode, parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';
import { MAX_TEXT } from './names';

/** A number without a country is read as one of China, where DingTalk is from: `users.phone` mostly holds such numbers. */
const HOME = 'CN';
const HOME_CODE = '86';

/**
 * Characters that nobody sees. Phones and WeChat wrap a copied number in them (U+202D and U+202C), and two numbers that
 * look alike would be two.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Spaces, brackets, dots and dashes, also the full-width ones, the minus signs, and what Japanese keyboards have. */
const SEPARATORS =
  /[\s().\p{Pd}\u00b7\u02d7\u2043\u207b\u208b\u2212\u2500\u2796\u30fb\u30fc\uff08\uff09\uff0e\uff65]/gu;

/** The decimal digits of every script, which Unicode has in rows of ten. */
const DIGITS = /\p{Nd}/gu;
const DIGIT = /\p{Nd}/u;
const isDigit = (code: number) => DIGIT.test(String.fromCodePoint(code));

function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (isDigit(first - 1)) {
    first--;
  }
  return (code - first) % 10;
}

/** The digits of a phone number as ASCII, and its plus sign; undefined where the text has any other character. */
function plain(text: string): string | undefined {
  if (text.length > MAX_TEXT) {
    return undefined;
  }
  const bare = text
    .replace(UNSEEN, '')
    .replace(SEPARATORS, '')
    .replace(/[\uff0b\ufe62]/g, '+');
  const digits = bare.replace(DIGITS, (digit) => String(valueOf(digit)));
  return /^\+?\d{1,24}$/.test(digits) ? digits : undefined;
}

/**
 * The phone number of an account, or undefined where DingTalk names none that can be compared: absent, masked, not a
 * number of the country, or one that names another country than `stateCode`.
 */
export function phoneOf(account: { mobile?: string; stateCode?: string }): PhoneNumber | undefined {
  const mobile = plain(account.mobile ?? '') ?? '';
  const stateCode = account.stateCode === undefined ? undefined : plain(account.stateCode);
  const code = stateCode?.replace(/^(\+|00)/, '');
  if (mobile.length < 4 || (account.stateCode !== undefined && !/^\d{1,7}$/.test(code ?? ''))) {
    return undefined;
  }
  const [, whole] = /^(?:\+|00)(\d+)$/.exec(mobile) ?? [];
  if (whole) {
    return read(whole, code);
  }
  const national = code ?? HOME_CODE;
  return read(national + mobile, national) ?? readWithAreaCode(mobile, national);
}

/** The number with all its digits, if it is one of the country that is named, or if none is named. */
function read(digits: string, code: string | undefined): PhoneNumber | undefined {
  const phone = parsePhoneNumberFromString(`+${digits}`);
  return phone?.isPossible() && (code === undefined || isOf(phone, code)) ? phone : undefined;
}

/** `1242` is the code of the Bahamas in some lists of countries, and that of North America with an area code in others. */
function isOf({ number, countryCallingCode }: PhoneNumber, code: string): boolean {
  return (
    countryCallingCode === code ||
    (code.startsWith(countryCallingCode) && number.startsWith(`+${code}`) && isShared(countryCallingCode))
  );
}

/** Whether several countries have this calling code, and area codes tell them apart. */
const isShared = (callingCode: string) =>
  getCountries().filter((country) => getCountryCallingCode(country) === callingCode).length > 1;

/** Where the code has an area code that the number has as well: `1242` and `242 359 1234`. */
function readWithAreaCode(mobile: string, code: string): PhoneNumber | undefined {
  const lengths = [1, 2, 3].filter((length) => length < code.length);
  return lengths.map((length) => read(code.slice(0, length) + mobile, code)).find(Boolean);
}

/**
 * Whether a text from `users.phone`, which users and administrators enter freely, is this number. The digits after the
 * country's code must be of one script, as `anySpelling` finds no others.
 */
export function isPhone(phone: PhoneNumber, stored: unknown): boolean {
  if (typeof stored !== 'string' || readPhone(stored)?.number !== phone.number) {
    return false;
  }
  const digits = stored.match(DIGITS)?.slice(-phone.nationalNumber.length) ?? [];
  return new Set(digits.map((digit) => (digit.codePointAt(0) ?? 0) - valueOf(digit))).size === 1;
}

/** The number that an entered text is, or undefined where it is none. */
export function readPhone(entered: string): PhoneNumber | undefined {
  const read = plain(entered);
  return read && read.length >= 4 ? parsePhoneNumberFromString(read, HOME) : undefined;
}

/** The same, of a text that may be no phone number at all: the userid of a member often has digits alone. */
export function possiblePhone(text: string): PhoneNumber | undefined {
  const phone = readPhone(text);
  return phone?.isPossible() ? phone : undefined;
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
export function anySpelling(phone: PhoneNumber, zero = 0x30): string {
  const digits = [...phone.nationalNumber].map((digit) => String.fromCodePoint(zero + Number(digit)));
  return `%${digits.join('%')}%`;
}

let zeros: number[] | undefined;

/** The same for the digits of each other script, full-width ones among them. */
export function anySpellingInOtherDigits(phone: PhoneNumber): string[] {
  zeros ??= Array.from({ length: 0x20000 }, (_, code) => code).filter(
    (code) => code > 0x7f && isDigit(code) && valueOf(String.fromCodePoint(code)) === 0,
  );
  return zeros.map((zero) => anySpelling(phone, zero));
}
