import fc from 'fast-check';
import { check, checkSpeed, text, value } from '../../../testing/fuzz';
import { anySpelling, anySpellingInOtherDigits, isPhone, phoneOf } from './phone';

const phone = phoneOf({ mobile: '13800138000' });

/** What may stand between digits. */
const gap = fc.constantFrom(
  '',
  '',
  ' ',
  '-',
  '\u2011',
  '\u2212',
  '－',
  '\u200b',
  '\u202d',
  '\u3000',
  '（',
  ')',
  '.',
  '\ufe0f',
);
const zeros = ['0', '０', '٠', '۰', '०', '๐', '𝟎', '𝟶'].map((zero) => zero.codePointAt(0) ?? 0);

/** A number as somebody may have typed or copied it, in the digits of any script. */
const spelled = (digits: string) =>
  fc
    .tuple(fc.constantFrom(...zeros), fc.array(gap, { minLength: digits.length, maxLength: digits.length }))
    .map(([zero, gaps]) =>
      gaps.map((between, index) => between + String.fromCodePoint(zero + Number(digits[index]))).join(''),
    );

const asRegExp = (pattern: string) => new RegExp(`^${pattern.replaceAll('%', '.*')}$`, 'su');

describe('phoneOf, of anything', () => {
  it('is a number of the country that was named', () => {
    const digits = fc.stringMatching(/^\+?[\d .()-]{1,24}$/);
    const either = fc.oneof(digits, text);
    const stateCode = fc.option(fc.oneof(fc.constantFrom('86', '+1', '852', '1242', '441534'), either), {
      nil: undefined,
    });
    check(fc.record({ mobile: either, stateCode }), (account) => {
      const read = phoneOf(account);
      if (read) {
        const named = account.stateCode?.replace(/[^\p{Nd}]/gu, '').replace(/^00/, '');
        const isWhole = /^[^\p{Nd}]*(\+|0[^\p{Nd}]*0)/u.test(account.mobile);
        const country = named ?? (isWhole ? read.countryCallingCode : '86');
        expect(country.startsWith(read.countryCallingCode)).toBe(true);
        expect(read.number.startsWith(`+${country}`)).toBe(true);
        expect(read.number).toMatch(/^\+\d{5,17}$/);
      }
    });
  });

  it('is the same, with the country in the number, beside it, or in both', () => {
    const spellings = fc.record({
      national: spelled('13412341234'),
      prefix: fc.constantFrom('+86', '＋86', '0086', '+ 86', '\u202d+86'),
      stateCode: fc.constantFrom(undefined, '86', '+86', '0086'),
    });
    check(spellings, ({ national, prefix, stateCode }) => {
      expect(phoneOf({ mobile: prefix + national, stateCode })?.number).toBe('+8613412341234');
      expect(phoneOf({ mobile: national, stateCode })?.number).toBe('+8613412341234');
      expect(phoneOf({ mobile: prefix + national, stateCode: '852' })).toBeUndefined();
    });
  });

  it('is none where a part is masked', () => {
    const masked = fc.tuple(spelled('155'), fc.constantFrom('*', '****', '＊＊', '•••', 'xxxx'), spelled('3240'));
    check(masked, (parts) => expect(phoneOf({ mobile: parts.join('') })).toBeUndefined());
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => [phoneOf({ mobile: read }), phoneOf({ mobile: '13800138000', stateCode: read })]);
  });
});

describe('isPhone, of anything', () => {
  it('is true for nothing but the digits of the number', () => {
    const parts = ['+86', '86', '138', '0013', '8000', '-', ' ', '(', 'x', '；', '\u202d', '－', '１３８', '٨٠٠٠'];
    const made = fc.array(fc.constantFrom(...parts)).map((chosen) => chosen.join(''));
    check(fc.oneof(made, text, value), (stored) => {
      if (phone && isPhone(phone, stored)) {
        const digits = String(stored)
          .normalize('NFKC')
          .replace(/[٠-٩]/g, (digit) => String('٠١٢٣٤٥٦٧٨٩'.indexOf(digit)));
        expect(digits.replace(/\D/g, '')).toMatch(/^(00)?(86)?13800138000$/);
      }
    });
  });

  it('T49: takes the number in any spelling, and the database finds what it takes', () => {
    const patterns = phone ? [anySpelling(phone), ...anySpellingInOtherDigits(phone)].map(asRegExp) : [];
    check(fc.tuple(fc.constantFrom('', '+86 ', '0086-', '86', '＋８６'), spelled('13800138000')), (parts) => {
      const stored = parts.join('');
      expect(phone && isPhone(phone, stored)).toBe(true);
      expect(patterns.some((pattern) => pattern.test(stored))).toBe(true);
    });
  });

  it('T49: is never true for what no pattern finds', () => {
    const patterns = phone ? [anySpelling(phone), ...anySpellingInOtherDigits(phone)].map(asRegExp) : [];
    const mixed = fc.tuple(spelled('138'), spelled('0013'), spelled('8000')).map((parts) => parts.join(''));
    check(mixed, (stored) => {
      expect(phone && isPhone(phone, stored)).toBe(patterns.some((pattern) => pattern.test(stored)));
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => phone && isPhone(phone, read));
  });
});
