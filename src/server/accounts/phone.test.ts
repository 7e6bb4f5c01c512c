import type { PhoneNumber } from 'libphonenumber-js';
import { anySpelling, isPhone, phoneOf, storedPhone, usualSpellings } from './phone';

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
    ['+8613800138000', '86'],
    ['１３８００１３８０００', '86'],
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
  ])('takes %s for the number', (stored) => {
    expect(isPhone(chinese, stored)).toBe(true);
  });

  it.each([
    ...['13800138001', '+1 3800138000', '+85213800138000', '138****8000', '1380013800', '138001380000', '', ' '],
    ...['13800138000 ext 5', '13800138000;13800138001', 'tel:13800138000', '+-', null, undefined, 13800138000],
    ...[['13800138000'], {}, '1'.repeat(10_000), '('.repeat(60)],
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
});

describe('storedPhone', () => {
  it('names the country unless it is China', () => {
    expect(storedPhone(phone('13800138000', '86'))).toBe('13800138000');
    expect(storedPhone(phone('61234567', '852'))).toBe('+85261234567');
  });
});
