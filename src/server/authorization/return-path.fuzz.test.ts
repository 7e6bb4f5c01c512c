import fc from 'fast-check';
import { check, checkSpeed, quickest, text, value } from '../../../testing/fuzz';
import { redirectTarget } from './return-path';

describe('redirectTarget, of anything', () => {
  it('T04: is a path on this origin, and the same when it is asked again', () => {
    const paths = text.map((path) => `/${path}`);
    check(fc.oneof(text, paths, value), (wanted) => {
      const target = redirectTarget(wanted);
      if (target !== undefined) {
        expect(target).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
        expect(new URL(target, 'https://nb.example').origin).toBe('https://nb.example');
        expect(redirectTarget(target)).toBe(target);
      }
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => [redirectTarget(read), redirectTarget(`/${read}`), redirectTarget(`/x?${read}`)]);
  });

  it('T19: a regular expression that backtracks takes more than 50 ms for 25 characters', () => {
    const careless = /^(\s*[\d-]*)*$/;
    expect(quickest(() => careless.test(`${'1'.repeat(24)}x`))).toBeGreaterThan(50);
  });
});
