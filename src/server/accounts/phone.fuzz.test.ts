import fc from 'fast-check';
import { check, checkSpeed, text, value } from '../../../testing/fuzz';
import { isPhone, phoneOf } from './phone';

const phone = phoneOf({ mobile: '13800138000' });

describe('phoneOf, of anything', () => {
  it('is a number of the country that was named', () => {
    const digits = fc.stringMatching(/^\+?[\d .()-]{1,24}$/);
    const either = fc.oneof(digits, text);
    const stateCode = fc.option(fc.oneof(fc.constantFrom('86', '+1', '852'), either), { nil: undefined });
    check(fc.record({ mobile: either, stateCode }), (account) => {
      const read = phoneOf(account);
      if (read) {
        expect(read.countryCallingCode).toBe((account.stateCode ?? '86').replace(/^(\+|00)/, ''));
        expect(read.number).toMatch(/^\+\d{5,17}$/);
      }
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => [phoneOf({ mobile: read }), phoneOf({ mobile: '13800138000', stateCode: read })]);
  });
});

describe('isPhone, of anything', () => {
  it('is true for nothing but the digits of the number', () => {
    const parts = ['+86', '86', '138', '0013', '8000', '-', ' ', '(', 'x', '；'];
    const spelled = fc.array(fc.constantFrom(...parts)).map((chosen) => chosen.join(''));
    check(fc.oneof(spelled, text, value), (stored) => {
      if (phone && isPhone(phone, stored)) {
        expect(String(stored).replace(/\D/g, '')).toMatch(/^(00)?(86)?13800138000$/);
      }
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => phone && isPhone(phone, read));
  });
});
