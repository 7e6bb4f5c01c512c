import { fakePlugin, networkError, proxyPage, refusal } from '../../testing/client/fake-plugin';
import { callAction, refusalOf, sentenceOf } from './request';

describe('callAction', () => {
  it('asks by GET without data, and lets its caller show a failure', async () => {
    const { app } = fakePlugin();
    const request = jest.fn().mockResolvedValue({ status: 200, data: { data: [] } });
    app.apiClient.request = request;
    await expect(callAction(app, 'dingtalk:getLinks')).resolves.toEqual([]);
    expect(request).toHaveBeenCalledWith(
      expect.objectContaining({ url: 'dingtalk:getLinks', method: undefined, skipNotify: true, skipAuth: true }),
    );
  });

  it('posts data, and names the authenticator in a header', async () => {
    const { app } = fakePlugin();
    const request = jest.fn().mockResolvedValue({ status: 200, data: { data: { state: 's' } } });
    app.apiClient.request = request;
    const data = { page: 'https://nocobase.example.com/signin' };
    await expect(callAction(app, 'dingtalk:getState', data, 'dingtalk-2')).resolves.toEqual({ state: 's' });
    expect(request).toHaveBeenCalledWith(
      expect.objectContaining({ method: 'post', data, headers: { 'X-Authenticator': 'dingtalk-2' } }),
    );
  });
});

describe('refusalOf', () => {
  it('gives the code and the sentence that the server answered', () => {
    expect(refusalOf(refusal('DINGTALK_BUSY', 'Wait.'))).toEqual({ code: 'DINGTALK_BUSY', message: 'Wait.' });
  });

  it.each([
    ['a lost connection', networkError()],
    ['a page of a reverse proxy', proxyPage()],
    ['an answer without errors', Object.assign(new Error(), { response: { data: { errors: [] } } })],
    ['an answer without a body', Object.assign(new Error(), { response: {} })],
  ])('gives nothing for %s', (_, error) => {
    expect(refusalOf(error)).toBeUndefined();
  });
});

describe('sentenceOf', () => {
  const { plugin, words } = fakePlugin({ language: 'zh-CN' });

  it('prefers the sentence of the server', () => {
    expect(sentenceOf(refusal('DINGTALK_BUSY', '请稍候'), plugin, 'LINK_FAILED')).toBe('请稍候');
  });

  it('falls back to a sentence of the plugin, in the language of the page', () => {
    expect(sentenceOf(proxyPage(), plugin)).toBe(words('SIGN_IN_FAILED'));
    expect(sentenceOf(proxyPage(), plugin, 'CHECK_FAILED')).toBe(words('CHECK_FAILED'));
    expect(words('SIGN_IN_FAILED')).toMatch(/\p{Script=Han}/u);
  });
});
