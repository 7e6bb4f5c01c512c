/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin"}
 */
import { fakePlugin } from '../../testing/client/fake-plugin';
import { CALLBACK_PATH, LINK_PATH } from '../shared/constants';
import { apiUrl, basePath, callbackUri, redirectUri } from './addresses';
import { loadBundle } from './bundles';

describe('basePath', () => {
  it.each([
    ['v1', undefined, ''],
    ['v1 at the root', '/', ''],
    ['v2', '/v', '/v'],
    ['v2 with a slash at the end', '/v/', '/v'],
    ['a sub-application below a path', '/nocobase/apps/a/', '/nocobase/apps/a'],
  ])('of %s stands before every path, without a slash at the end', (_, basename, expected) => {
    const { app } = fakePlugin({ basename });
    expect(basePath(app)).toBe(expected);
    expect(callbackUri(app, LINK_PATH)).toBe(`https://nocobase.example.com${expected}/signin/dingtalk/link`);
  });
});

describe('redirectUri', () => {
  it('is the address of the action dingtalk:redirect', () => {
    expect(redirectUri(fakePlugin().app)).toBe('https://nocobase.example.com/api/dingtalk:redirect');
  });

  it('names the sub-application, as DingTalk sends no header with its name', () => {
    const { app } = fakePlugin({ name: 'sales' });
    expect(redirectUri(app)).toBe('https://nocobase.example.com/api/__app/sales/dingtalk:redirect');
    expect(apiUrl(app, 'auth:signOut')).toBe('https://nocobase.example.com/api/__app/sales/auth:signOut');
  });
});

it('the page of a link lies below the callback page, as DingTalk’s answer goes to either', () => {
  expect(LINK_PATH).toBe(`${CALLBACK_PATH}/link`);
});

describe('loadBundle', () => {
  it('gives what the default export of the bundle makes of the plugin', async () => {
    const bundle = { default: jest.fn().mockReturnValue('a component') };
    const { plugin, loaded } = fakePlugin({ bundles: { 'LinkPage.js': bundle } });
    await expect(loadBundle(plugin, 'LinkPage')).resolves.toBe('a component');
    expect(bundle.default).toHaveBeenCalledWith(plugin);
    expect(loaded).toEqual(['LinkPage.js']);
  });

  it('loads it from the folder of this code', async () => {
    const { plugin, app } = fakePlugin();
    const requirejs = jest.spyOn(app.requirejs, 'requirejs');
    await expect(loadBundle(plugin, 'LinkPage')).rejects.toThrow('No LinkPage.js here');
    expect(requirejs.mock.calls[0][0]).toEqual([expect.stringMatching(/\/src\/client-common\/LinkPage\.ts$/)]);
  });
});
