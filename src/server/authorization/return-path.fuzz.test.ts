import fc from 'fast-check';
import { check, checkSpeed, quickest, text, value } from '../../../testing/fuzz';
import { landingPage, redirectTarget } from './return-path';

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
    checkSpeed((read) => [
      landingPage(`/${read}`, 'https://nb.example/nocobase/v/signin/dingtalk'),
      landingPage(`https://nb.example/signin?redirect=/${read}`, 'https://nb.example/signin/dingtalk'),
      landingPage(`https://nb.example/signin?${read}`, 'https://nb.example/signin/dingtalk'),
      redirectTarget(read),
      redirectTarget(`/${read}`),
      redirectTarget(`/x?${read}`),
    ]);
  });

  it('T19: a regular expression that backtracks takes more than 50 ms for 25 characters', () => {
    const careless = /^(\s*[\d-]*)*$/;
    expect(quickest(() => careless.test(`${'1'.repeat(24)}x`))).toBeGreaterThan(50);
  });
});

describe('landingPage, of anything', () => {
  const segments = [
    'signin',
    'SIGNIN',
    '%73ignin',
    'dingtalk',
    'api',
    'm',
    'v',
    'apps',
    'hr',
    'nocobase',
    'admin',
    '.',
    '..',
    '',
  ];
  const path = fc
    .tuple(fc.array(fc.constantFrom(...segments), { maxLength: 6 }), fc.constantFrom('', '?a=1&b=2', '#z', '?x#y'))
    .map(([chosen, rest]) => `/${chosen.join('/')}${rest}`);
  const bases = fc.constantFrom('', '/v', '/nocobase', '/nocobase/v', '/apps/hr', '/nocobase/v/apps/hr');

  it('T50: is a path on this origin below the base, and neither the sign-in page nor an action', () => {
    const encoded = fc.oneof(path, text).map(encodeURIComponent);
    const address = fc.oneof(path, text, encoded).map((to) => `https://nb.example/signin?redirect=${to}`);
    check(fc.tuple(fc.oneof(text, address), bases), ([signInPage, base]) => {
      const page = landingPage(signInPage, `https://nb.example${base}/signin/dingtalk`);
      expect(page).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
      expect(new URL(page, 'https://nb.example').origin).toBe('https://nb.example');
      expect(page.startsWith(`${base}/`) || page === '/admin').toBe(true);
      const below = page.slice(base.length).split(/[?#]/)[0].replace(/\/+/g, '/').replaceAll('%73', 's').toLowerCase();
      expect(below).not.toMatch(/^(\/v|\/m|\/apps\/[^/]+)*\/(signin|api)(\/|$)/);
    });
  });
});
