import { Interned } from './interned';

describe('what is kept once', () => {
  it('is the first of equal values', () => {
    const interned = new Interned();
    const first = interned.value({ 12: true, 3: false });
    expect(interned.value({ 12: true, 3: false })).toBe(first);
    expect(interned.value({ 12: true, 3: true })).toEqual({ 12: true, 3: true });
    expect(interned.value([3, 12])).not.toBe(interned.value([12, 3]));
  });

  it('is changed by nobody: it is that of others, too', () => {
    const shared: Record<number, boolean> = new Interned().value({ 12: true });
    expect(() => (shared[12] = false)).toThrow(TypeError);
  });

  it('is an ID as a text, however the database answers it', () => {
    const interned = new Interned();
    expect([interned.text(7), interned.text('7'), interned.text(7n)]).toEqual(['7', '7', '7']);
  });

  it('is the first of equal maps', () => {
    const interned = new Interned();
    const first = interned.map(new Map([['7', true]]));
    expect(interned.map(new Map([['7', true]]))).toBe(first);
    expect(interned.map(new Map([['7', false]]))).not.toBe(first);
    expect(interned.map(new Map([['8', true]]))).not.toBe(first);
  });

  it('is nothing where there is no ID', () => {
    const interned = new Interned();
    expect([null, undefined, 0].map((id) => interned.optionalText(id))).toEqual([undefined, undefined, '0']);
  });
});
