import { landingPage, redirectTarget } from './return-path';

const here = 'https://nb.local';

describe('redirectTarget', () => {
  it.each([
    '/admin',
    '/admin/?a=1&b=x%20y#part',
    '/nocobase/v/admin/page/1?filter=%7B%22a%22%3A1%7D',
    '/apps/sub/admin#h',
    '/v/admin',
    '/admin/https://example.com',
    '/admin?next=//evil.com',
    '/admin#//evil.com',
  ])('keeps %s', (target) => {
    expect(redirectTarget(target)).toBe(target);
  });

  it('writes other letters as ASCII', () => {
    expect(redirectTarget('/页面')).toBe('/%E9%A1%B5%E9%9D%A2');
  });

  it('takes a session of somebody else out', () => {
    expect(redirectTarget('/admin?token=theirs&authenticator=basic&a=1')).toBe('/admin?a=1');
  });

  const evil: unknown[] = [
    ...['//evil.com', '///evil.com', '////evil.com', '/\\evil.com', '\\\\evil.com', '\\/evil.com', '/\\/evil.com'],
    ...[
      'https://evil.com',
      'HTTPS://evil.com',
      'http:evil.com',
      'https:/evil.com',
      'https:evil.com',
      '//evil@nb.local',
    ],
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', ' javascript:alert(1)'],
    ...[
      '/.//evil.com',
      '/..//evil.com',
      '/a/..//evil.com',
      '/%2e//evil.com',
      '/%2e%2e//evil.com',
      '/a/%2E%2e//evil.com',
    ],
    ...[
      '/\t/evil.com',
      '/\n/evil.com',
      '/\r\n/evil.com',
      '\t//evil.com',
      '\n//evil.com',
      ' //evil.com',
      '/\u0000/evil.com',
    ],
    ...['/\u0009/evil.com', '/\u007f/evil.com', '/\u0085/evil.com', '\u2215\u2215evil.com', '\uff0f\uff0fevil.com'],
    ...['evil.com', 'admin', '?x', '#x', '', 'null', 'undefined', './/evil.com', '../evil.com', '/admin\\..\\evil'],
    ...[null, undefined, 0, 1, true, [], ['/admin'], {}, { toString: () => '/admin' }, `/${'x'.repeat(10_000)}`],
    ...[`/${'页'.repeat(1_999)}`, `/${'./'.repeat(1_000)}admin`],
  ];

  it.each(evil.map((target) => [target]))('refuses %j', (target) => {
    expect(redirectTarget(target)).toBeUndefined();
  });

  it.each([
    ...[
      '/%5cevil.com',
      '/%09/evil.com',
      '/%2f/evil.com',
      '/%2F%2Fevil.com',
      '/ /evil.com',
      '/;@evil.com',
      '/@evil.com',
    ],
    ...[
      '/:80/evil',
      '/\u2215evil.com',
      '/\uff0f/evil.com',
      '/\uff3cevil.com',
      '/%0d%0aLocation:%20//evil.com',
      '/?//evil.com',
    ],
  ])('leaves nowhere with %s', (target) => {
    const kept = redirectTarget(target) ?? '/';
    expect(new URL(kept, here).origin).toBe(here);
    expect(new URL(new URL(kept, here).pathname, here).origin).toBe(here);
  });

  it('is needed: a check for one slash lets the same go elsewhere', () => {
    const unprotected = (target: string) => (target.startsWith('/') ? target : '/');
    const gone = evil.filter(
      (target) => typeof target === 'string' && new URL(unprotected(target), here).origin !== here,
    );
    expect(gone.length).toBeGreaterThan(8);
  });
});

describe('landingPage', () => {
  const v1 = `${here}/signin/dingtalk`;
  const v2 = `${here}/nocobase/v/signin/dingtalk`;
  it.each([
    ['/admin/1?a=1#b', v1, '/admin/1?a=1#b'],
    ['/admin/1?a=1#b', v2, '/nocobase/v/admin/1?a=1#b'],
    ['/nocobase/v/admin/1', v2, '/nocobase/v/admin/1'],
    ['/nocobase/vanity', v2, '/nocobase/v/nocobase/vanity'],
    [null, v1, '/admin'],
    ['//evil.com', v1, '/admin'],
    [undefined, v2, '/nocobase/v/admin'],
    ['https://evil.com', v2, '/nocobase/v/admin'],
    ['/admin', `${here}//evil.com/signin/dingtalk`, '/admin'],
    [`/${'x'.repeat(1999)}`, v2, '/admin'],
  ])('for %j in the client of %s is %s', (wanted, callback, page) => {
    expect(landingPage(wanted, callback)).toBe(page);
  });
});
