import type { PhoneNumber } from 'libphonenumber-js';
import { anySpelling, anySpellingInOtherDigits, isPhone, phoneOf, storedPhone, usualSpellings } from './phone';

const phone = (mobile: string, stateCode?: string): PhoneNumber => {
  const found = phoneOf({ mobile, stateCode });
  if (!found) {
    throw new Error(`${mobile} is no phone number`);
  }
  return found;
};

describe('phoneOf', () => {
  it.each([
    ['13800138000', '86', '+8613800138000'],
    ['13800138000', '+86', '+8613800138000'],
    ['13800138000', '0086', '+8613800138000'],
    ['13800138000', undefined, '+8613800138000'],
    ['138-0013 8000', '86', '+8613800138000'],
    ['4155550100', '1', '+14155550100'],
    ['61234567', '852', '+85261234567'],
    ['66123456', '853', '+85366123456'],
    ['0912345678', '886', '+886912345678'],
    ['81234567', '65', '+6581234567'],
    ['015228817386', '49', '+4915228817386'],
    // Copied out of another program, or typed with another keyboard.
    ['\u202d13800138000\u202c', '86', '+8613800138000'],
    ['138\u20110013\u20118000', '\u200e+86', '+8613800138000'],
    ['１３８００１３８０００', '８６', '+8613800138000'],
    // With the country in it, as dedicated accounts have it.
    ['+86-13412341234', undefined, '+8613412341234'],
    ['+86-13412341234', '86', '+8613412341234'],
    ['+86-13412341234', '+86', '+8613412341234'],
    ['＋86 134 1234 1234', '0086', '+8613412341234'],
    ['008613412341234', '86', '+8613412341234'],
    ['+852-51234567', undefined, '+85251234567'],
    ['+852-51234567', '852', '+85251234567'],
    ['0085251234567', undefined, '+85251234567'],
    ['00852-51234567', '00852', '+85251234567'],
    // Countries that share a calling code, with the area code beside it, in the number, or in both.
    ['3591234', '1242', '+12423591234'],
    ['2423591234', '1242', '+12423591234'],
    ['242-359-1234', '+1-242', '+12423591234'],
    ['+1-242-3591234', '1242', '+12423591234'],
    ['+1-242-3591234', '1', '+12423591234'],
    ['7012345678', '7', '+77012345678'],
    ['012345678', '77', '+77012345678'],
    ['534123456', '441', '+441534123456'],
    ['1534123456', '441534', '+441534123456'],
  ])('reads %s with state code %s as %s', (mobile, stateCode, e164) => {
    expect(phone(mobile, stateCode).number).toBe(e164);
  });

  it.each([
    [undefined, '86'],
    ['', '86'],
    ['155****3240', '86'],
    ['1', '86'],
    ['1380013800013800138000', '86'],
    ['none', '86'],
    ['13800138000', ''],
    ['13800138000', '86x'],
    ['13800138000', '999'],
    ['+86-155****3240', '86'],
    // The number names one country, and the code another.
    ['+852-51234567', '86'],
    ['+86-13412341234', '852'],
    ['008613412341234', '1'],
    ['+1-242-3591234', '1246'],
    ['+1-242-3591234', '86'],
    ['4155550100', '1242'],
    ['1534123456', '441481'],
    // No other country shares the code of China: `13` is no area code.
    ['412341234', '8613'],
    ['13412341234', '8613'],
    ['+86-13412341234', '8613'],
    ['+13800138000x', undefined],
    ['+', undefined],
    ['00', undefined],
    // Libraries read a number out of these texts.
    ['tel:13800138000', '86'],
    ['13800138000 ext 5', '86'],
    ['13800138000;ext=5', '86'],
    // Too short for the country.
    ['12345', '86'],
    // Another country than the one that is named: read together, these are +86 138 0013 8000.
    ['613800138000', '8'],
    // A sign or zeros in the middle are no prefix.
    ['13800138000', '8+6'],
    ['13800138000', '8006'],
  ])('does not rely on %s with state code %s', (mobile, stateCode) => {
    expect(phoneOf({ mobile, stateCode })).toBeUndefined();
  });
});

describe('isPhone', () => {
  const chinese = phone('13800138000', '86');

  it.each([
    ...['13800138000', '+86 138-0013-8000', '86-13800138000', '008613800138000', '+8613800138000', '8613800138000'],
    ...['138 0013 8000', '138.0013.8000', '(138) 0013-8000', '(+86) 13800138000', '+86 (138) 0013 8000'],
    // What nobody sees: marks of direction, joiners, fillers, selectors, tags, controls.
    ...['\u202d13800138000\u202c', '138\u200b0013 8000', '\u206613800138000\u2069', '\ufeff13800138000\u200e'],
    ...[
      '138\u00ad0013\u00ad8000',
      '1380013800\ufe0f0',
      '\u316413800138000\u2800',
      '13800138000\u{e0031}',
      '13800138000\u007f',
    ],
    ...['\t13800138000\r\n', '138\u00a00013\u30008000', '\u202a'.repeat(100) + '13800138000'],
    // Dashes and dots that stand for others.
    ...['138\u20110013\u20118000', '138\u20130013\u20148000', '138\u22120013\u22128000', '138·0013·8000'],
    ...['138ー0013ー8000', '138－0013－8000', '138．0013．8000', '（138）0013 8000', '138\ufe630013\u20438000'],
    // Digits of other scripts.
    ...[
      '１３８００１３８０００',
      '＋８６ １３８００１３８０００',
      '+86-１３８００１３８０００',
      '００８６１３８００１３８０００',
    ],
    ...['١٣٨٠٠١٣٨٠٠٠', '۱۳۸۰۰۱۳۸۰۰۰', '१३८००१३८०००', '๑๓๘๐๐๑๓๘๐๐๐', '𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎', '𝟷𝟹𝟾𝟶𝟶𝟷𝟹𝟾𝟶𝟶𝟶'],
  ])('takes %s for the number', (stored) => {
    expect(isPhone(chinese, stored)).toBe(true);
  });

  it.each([
    ...['13800138001', '+1 3800138000', '+85213800138000', '138****8000', '1380013800', '138001380000', '', ' '],
    ...['13800138000 ext 5', '13800138000;13800138001', 'tel:13800138000', '+-', null, undefined, 13800138000],
    ...[['13800138000'], {}, '1'.repeat(10_000), '('.repeat(60)],
    // Letters, and what looks like a digit.
    ...[
      'l3800138000',
      '1380013800O',
      '1380013800о',
      '①3800138000',
      '¹3800138000',
      '一三八〇〇一三八〇〇〇',
      'x\u202d13800138000',
    ],
    ...['13800138000/13800138001', '13800138000,', '86+13800138000', '++8613800138000', '１３８００１３８００１'],
    // No pattern would find it.
    ...['138００１３8000', '1３800138000', `${'\u200b'.repeat(250)}13800138000`],
  ])('does not take %j for the number', (stored) => {
    expect(isPhone(chinese, stored)).toBe(false);
  });

  it('tells the American number from the Chinese one with the same digits', () => {
    const american = phone('4155550100', '1');
    const lookAlike = phone('14155550100', '86');
    for (const stored of ['14155550100', '1-415-555-0100', '+1 415 555 0100', '+8614155550100', '001 4155550100']) {
      expect([isPhone(american, stored), isPhone(lookAlike, stored)]).not.toEqual([true, true]);
    }
    expect(isPhone(american, '14155550100')).toBe(false);
    expect(isPhone(lookAlike, '14155550100')).toBe(true);
  });
});

describe('usualSpellings', () => {
  it.each([
    ['13800138000', '86'],
    ['4155550100', '1'],
    ['61234567', '852'],
    ['15228817386', '49'],
  ])('of %s, %s are few, and each is read as the number itself', (mobile, stateCode) => {
    const number = phone(mobile, stateCode);
    const spellings = usualSpellings(number);
    expect(spellings.length).toBeLessThan(50);
    expect(spellings).toContain(number.number);
    expect(spellings).toContain(storedPhone(number));
    expect(spellings.filter((text) => !isPhone(number, text))).toEqual([]);
  });

  it('have those of the Chinese number', () => {
    expect(usualSpellings(phone('13800138000', '86'))).toEqual(
      expect.arrayContaining(['13800138000', '+86 138-0013-8000', '86-13800138000', '008613800138000']),
    );
  });
});

describe('anySpelling', () => {
  it('is a pattern of digits only', () => {
    expect(anySpelling(phone('13800138000', '86'))).toBe('%1%3%8%0%0%1%3%8%0%0%0%');
  });

  it('has one more for each other script', () => {
    const patterns = anySpellingInOtherDigits(phone('13800138000', '86'));
    expect(new Set(patterns).size).toBe(patterns.length);
    expect(patterns).toEqual(
      expect.arrayContaining([
        '%１%３%８%０%０%１%３%８%０%０%０%',
        '%١%٣%٨%٠%٠%١%٣%٨%٠%٠%٠%',
        '%𝟏%𝟑%𝟖%𝟎%𝟎%𝟏%𝟑%𝟖%𝟎%𝟎%𝟎%',
        '%𝟷%𝟹%𝟾%𝟶%𝟶%𝟷%𝟹%𝟾%𝟶%𝟶%𝟶%',
      ]),
    );
    expect(patterns).not.toContain(anySpelling(phone('13800138000', '86')));
  });
});

describe('storedPhone', () => {
  it('names the country unless it is China', () => {
    expect(storedPhone(phone('13800138000', '86'))).toBe('13800138000');
    expect(storedPhone(phone('61234567', '852'))).toBe('+85261234567');
  });
});
