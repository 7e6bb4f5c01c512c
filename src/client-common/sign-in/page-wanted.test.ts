/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin/dingtalk"}
 */
import { fakePlugin } from '../../../testing/client/fake-plugin';
import { pageWanted } from './page-wanted';

/** The sign-in page was left with this `redirect`. */
function wanted(redirect: string | undefined, basename = ''): string {
  sessionStorage.clear();
  if (redirect !== undefined) {
    const query = new URLSearchParams({ redirect });
    sessionStorage.setItem('dingtalk', `https://nocobase.example.com${basename.replace(/\/$/, '')}/signin?${query}`);
  }
  return pageWanted(fakePlugin({ basename }).plugin);
}

it.each([
  ['', '/admin/x?a=1&b=2#z', '/admin/x?a=1&b=2#z'],
  ['', '/m', '/m'],
  ['/v/', '/v/admin/x', '/v/admin/x'],
  ['/v/', '/admin/x', '/v/admin/x'],
  ['/nocobase/apps/a', '/admin/员工', '/nocobase/apps/a/admin/%E5%91%98%E5%B7%A5'],
])('is the page that was first wanted: %s %s', (basename, redirect, page) => {
  expect(wanted(redirect, basename)).toBe(page);
});

it('is whole, also where NocoBase v1 glued it to the address of the sign-in page as it is', () => {
  sessionStorage.setItem('dingtalk', 'https://nocobase.example.com/signin?redirect=/admin/x?a=1&b=2#z');
  expect(pageWanted(fakePlugin().plugin)).toBe('/admin/x?a=1&b=2#z');
});

it.each([
  ['', '/admin'],
  ['/v/', '/v/admin'],
])('is the first page of the client (%s) where none was wanted', (basename, page) => {
  expect(wanted(undefined, basename)).toBe(page);
  expect(wanted('', basename)).toBe(page);
});

it.each([
  ['another origin', 'https://evil.com/'],
  ['another host', '//evil.com'],
  ['another host, by a backslash', '/\\evil.com'],
  ['another host, by a dot', '/.//evil.com'],
  ['another host, by dots', '/admin/..//evil.com'],
  ['a script', 'javascript:alert(1)'],
  ['control characters', '/ad\nmin'],
  ['a relative path', 'admin'],
  ['the sign-in page', '/signin'],
  ['what is below the sign-in page', '/signin/dingtalk?x=1'],
  ['the sign-in page of the other client', '/v/signin'],
  ['the sign-in page of a sub-application', '/apps/a/signin'],
  ['the sign-in page, escaped and in capitals', '/%53IGNIN/dingtalk'],
  ['the sign-in page, with what cannot be decoded', '/signin/%E0'],
  ['the sign-up page', '/signup'],
  ['the sign-in page, by dots', '/admin/../signin'],
  ['an action of the API', '/api/auth:signOut'],
  ['the API', '/api'],
  ['an action of the API, by dots', '/admin/../api/auth:signOut'],
])('T53: is the first page where a link wants %s', (_, redirect) => {
  expect(wanted(redirect)).toBe('/admin');
});

it('T53: is no page outside of the client', () => {
  expect(wanted('/v/../api/auth:signOut', '/v/')).toBe('/v/admin');
  expect(wanted('/v/../admin', '/v/')).toBe('/v/admin');
});

it('T53: has no parameter that NocoBase’s pages take for a sign-in', () => {
  expect(wanted('/admin?token=evil&a=1&authenticator=evil')).toBe('/admin?a=1');
});
