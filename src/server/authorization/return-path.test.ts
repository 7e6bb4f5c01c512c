import { landingPage, redirectTarget, routeOf } from './return-path';

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
  /** Begun on a sign-in page that names this return path. */
  const landing = (wanted: string, callback: string) =>
    landingPage(`${here}/signin?redirect=${encodeURIComponent(wanted)}`, callback);

  it.each([
    ['/admin/1?a=1#b', v1, '/admin/1?a=1#b'],
    ['/admin/1?a=1#b', v2, '/nocobase/v/admin/1?a=1#b'],
    ['/nocobase/v/admin/1', v2, '/nocobase/v/admin/1'],
    ['/nocobase/vanity', v2, '/nocobase/v/nocobase/vanity'],
    ['', v1, '/admin'],
    ['//evil.com', v1, '/admin'],
    ['', v2, '/nocobase/v/admin'],
    ['https://evil.com', v2, '/nocobase/v/admin'],
    ['/admin', `${here}//evil.com/signin/dingtalk`, '/admin'],
    [`/${'x'.repeat(1999)}`, v2, '/admin'],
  ])('for %j in the client of %s is %s', (wanted, callback, page) => {
    expect(landing(wanted, callback)).toBe(page);
  });

  const inSubApp = `${here}/nocobase/apps/hr/signin/dingtalk`;
  it.each([
    // A deep link, as v1 glues it to the address of its sign-in page.
    ['/admin/x?a=1&b=2#z', v1, '/admin/x?a=1&b=2#z'],
    ['/admin/x?a=1&b=2#z', v2, '/nocobase/v/admin/x?a=1&b=2#z'],
    ['/nocobase/v/admin/x?a=%26&b=2&a=1#/z?c=1', v2, '/nocobase/v/admin/x?a=%26&b=2&a=1#/z?c=1'],
    // The mobile client, as it is named in the home page of a DingTalk app.
    ['/m', v1, '/m'],
    ['/m/', v1, '/m/'],
    ['/m/page/1?a=1#b', v1, '/m/page/1?a=1#b'],
    ['/m', `${here}/nocobase/signin/dingtalk`, '/nocobase/m'],
    ['/m/schema/2', `${here}/apps/hr/signin/dingtalk`, '/apps/hr/m/schema/2'],
    ['/m', inSubApp, '/nocobase/apps/hr/m'],
    ['/nocobase/apps/hr/m', inSubApp, '/nocobase/apps/hr/m'],
    // Names that only begin so, or stand elsewhere.
    ['/admin/signin', v1, '/admin/signin'],
    ['/signing', v1, '/signing'],
    ['/apiary/1', v1, '/apiary/1'],
    ['/admin?next=/signin', v1, '/admin?next=/signin'],
    ['/m/admin#/signin', v1, '/m/admin#/signin'],
    ['/apps/signin/admin', v1, '/apps/signin/admin'],
    ['/%', v1, '/%'],
  ])('keeps %j in the client of %s: %s', (wanted, callback, page) => {
    expect(landing(wanted, callback)).toBe(page);
  });

  it.each([
    // As v1 glues it, with and without a query and a fragment of the page.
    ['/signin?redirect=/admin/x?a=1&b=2#z', '/admin/x?a=1&b=2#z'],
    ['/signin?redirect=/admin/x?a=%26&redirect=/y&b=%2F', '/admin/x?a=%26&redirect=/y&b=%2F'],
    ['/signin?redirect=/admin/a%2Fb/%E9%A1%B5#z?c', '/admin/a%2Fb/%E9%A1%B5#z?c'],
    ['/signin?redirect=/m', '/m'],
    ['/signin?redirect=/admin/x?token=theirs&a=1', '/admin/x?a=1'],
    ['/signin?redirect=/admin/x?next=https://evil.com', '/admin/x?next=https://evil.com'],
    // As v2 and other plugins encode it.
    ['/signin?redirect=%2Fadmin%2Fx%3Fa%3D1%26b%3D%2526%23z', '/admin/x?a=1&b=%26#z'],
    ['/signin?redirect=%2fadmin%2fx#z', '/admin/x#z'],
    ['/signin?name=a&redirect=%2Fadmin%2Fx%3Fa%3D1&authenticator=oidc&error=b', '/admin/x?a=1'],
    ['/signin?redirect=/admin/x%3Fa%3D1', '/admin/x?a=1'],
    // With what others put behind it.
    ['/signin?redirect=/admin/x&authenticator=oidc&error=b#z', '/admin/x'],
    // None, or none that may open.
    ['/signin', '/admin'],
    ['/signin?redirect=', '/admin'],
    ['/signin?redirect', '/admin'],
    ['/signin?redirect=#z', '/admin'],
    ['/signin?no-redirect=/x', '/admin'],
    ['/signin?redirect=%', '/admin'],
    ['/signin?redirect=https://evil.com', '/admin'],
    ['/signin?redirect=//evil.com?a', '/admin'],
    ['/signin?redirect=%2F%2Fevil.com', '/admin'],
    ['/signin?redirect=/%5Cevil.com', '/%5Cevil.com'],
    ['/signin?redirect=%2F%5Cevil.com', '/admin'],
    ['/signin?redirect=/signin/dingtalk?x#code=c', '/admin'],
    ['/signin?redirect=%2Fapi%2Fauth:signOut', '/admin'],
  ])('reads the address %s of the sign-in page: %s', (address, page) => {
    expect(landingPage(here + address, v1)).toBe(page);
    expect(landingPage(`${here}/nocobase/v${address}`, v2)).toBe(`/nocobase/v${page}`);
  });

  it.each([
    ['/admin', v1, '/admin'],
    ['/admin/x?a=1#b', v1, '/admin/x?a=1#b'],
    ['/admin?a', v1, '/admin?a'],
    ['/nocobase/v/admin/x', v2, '/admin/x'],
    ['/nocobase/apps/hr/admin', inSubApp, '/admin'],
    // Another client, a page that another program may serve, a file.
    ['/nocobase/v/admin', v1, ''],
    ['/admin/x', v2, ''],
    ['/nocobase/apps/sales/admin', inSubApp, ''],
    ['/m', v1, ''],
    ['/administration', v1, ''],
    ['/admin-tool/x', v1, ''],
    ['/files/x.html', v1, ''],
  ])('for the router, %s in the client of %s is %j', (page, callback, route) => {
    expect(routeOf(page, callback)).toBe(route);
  });

  const signInPages = [
    ...[
      '/signin',
      '/signin/',
      '/signin?redirect=/admin',
      '/signin#x',
      '/SignIn',
      '/%73ignin',
      '/a/../signin',
      '/./signin',
    ],
    ...[
      '/signin/dingtalk#authenticator=a&code=c&state=s',
      '/signin/dingtalk/link#code=c&state=s',
      '/m/signin',
      '/m/signin/',
    ],
    ...['/m/signin?redirect=/m', '/v/signin', '/v2/signin/dingtalk', '/apps/hr/signin', '/v/apps/hr/signin/dingtalk'],
    ...['/apps/hr/m/signin', '/signup', '/forgot-password?name=basic', '/reset-password?resetToken=t', '/m//signin'],
  ];
  const noPages = [
    ...['/api/auth:signOut', '/api', '/api/', '/API/x', '/%61pi/x', '/api/__app/hr/users:list', '/files/1/x.html'],
    ...['/storage/uploads/x.html', '/static/plugins/x.js', '/dist/x.js', '/ws'],
  ];
  const fromRoot = [...signInPages, ...noPages];

  it('T50: without the check for pages, a link chooses the sign-in and an action of NocoBase', () => {
    const kept = fromRoot.filter((path) => redirectTarget(path) !== undefined);
    expect(kept).toEqual(fromRoot);
  });

  it.each(fromRoot)('T50: opens NocoBase’s page in place of %s, in every client', (path) => {
    expect(landing(path, v1)).toBe('/admin');
    expect(landing(path, v2)).toBe('/nocobase/v/admin');
    expect(landing(`/nocobase${path}`, v2)).toBe('/nocobase/v/admin');
    expect(landing(`/nocobase/v${path}`, v2)).toBe('/nocobase/v/admin');
    expect(landing(`/nocobase${path}`, `${here}/nocobase/signin/dingtalk`)).toBe('/nocobase/admin');
    expect(landing(path, inSubApp)).toBe('/nocobase/apps/hr/admin');
    expect(landing(`/nocobase/apps/hr${path}`, inSubApp)).toBe('/nocobase/apps/hr/admin');
  });

  describe('where the operator chose other addresses', () => {
    const env = { ...process.env };
    afterEach(() => (process.env = { ...env }));

    it.each([
      [{ API_BASE_PATH: '/backend' }, '/backend/auth:signOut'],
      [{ API_BASE_PATH: '/backend/v1/' }, '/backend/v1/users:list'],
      [{ API_BASE_PATH: '/nocobase/api/', APP_PUBLIC_PATH: '/nocobase/' }, '/nocobase/api/x'],
      [{ APP_PUBLIC_PATH: '/nocobase/' }, '/nocobase/signin'],
      [{ APP_MODERN_CLIENT_PREFIX: 'next' }, '/next/signin/dingtalk'],
    ])('T50: %j: opens NocoBase’s page in place of %s', (variables, path) => {
      expect(landing(path, v1)).toBe(path);
      Object.assign(process.env, variables);
      expect(landing(path, v1)).toBe('/admin');
      expect(landing('/backendless/x', v1)).toBe('/backendless/x');
    });
  });
});
