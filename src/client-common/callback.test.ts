/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin/dingtalk"}
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fakePlugin, networkError, refusal, sentencesIn } from '../../testing/client/fake-plugin';
import { visit } from '../../testing/client/navigation';
import { dingTalkClientCodes, errorCodes } from '../shared/codes';
import { sentenceOfCallback, readCallback } from './callback';

const languages = readdirSync(path.join(__dirname, '../locale'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'));

describe('readCallback', () => {
  it('reads what the fragment says', () => {
    visit('/v/signin/dingtalk?x=1#authenticator=a%2Bb&flow=f');
    expect(readCallback()).toEqual({ authenticator: 'a+b', flow: 'f' });
  });

  it('reads nothing where the page was opened without a fragment', () => {
    visit('/signin/dingtalk');
    expect(readCallback()).toEqual({});
  });
});

describe('sentenceOfCallback', () => {
  // A sentence with data is the server's: no redirect brings the data.
  const english = sentencesIn('en-US');
  const codes = [...new Set([...Object.keys(errorCodes), ...dingTalkClientCodes])].filter(
    (code) => !english[code]?.includes('{{'),
  );

  it.each(languages)('tells every code of a failure in %s, in words and with the code', (language) => {
    const { plugin } = fakePlugin({ language });
    const sentences = sentencesIn(language);
    for (const code of codes) {
      expect(sentences[code]).toBeTruthy();
      expect(sentenceOfCallback(plugin, { error: code }, undefined)).toBe(`${sentences[code]} (${code})`);
    }
  });

  it('tells the sentence of the server where it was asked about a flow', () => {
    const { plugin } = fakePlugin();
    const callback = { flow: 'x', error: 'ACCESS_DENIED' };
    const sentence = 'No user has your phone number. (USER_NOT_FOUND)';
    expect(sentenceOfCallback(plugin, callback, refusal('USER_NOT_FOUND', sentence))).toBe(sentence);
  });

  it('tells SIGN_IN_FAILED, or what the page names instead, where the server gave no answer', () => {
    const { plugin, words } = fakePlugin();
    const callback = { flow: 'x' };
    expect(sentenceOfCallback(plugin, callback, networkError())).toBe(words('SIGN_IN_FAILED'));
    expect(sentenceOfCallback(plugin, callback, networkError(), 'LINK_FAILED')).toBe(words('LINK_FAILED'));
  });

  it('tells STATE_INVALID where nothing came with the page', () => {
    const { plugin, words } = fakePlugin();
    expect(sentenceOfCallback(plugin, {}, undefined)).toBe(`${words('STATE_INVALID')} (STATE_INVALID)`);
  });

  const foreignWords = [
    'Call +1 555 0100 <img src=x onerror=alert(1)>',
    'CALL_EVIL_COM',
    'constructor',
    'Sign in via DingTalk',
    'DingTalk',
    '__proto__',
  ];
  it.each(foreignWords)('T25: shows no words of a link: %s', (words) => {
    const { plugin } = fakePlugin();
    const told = sentenceOfCallback(plugin, { error: words }, undefined);
    expect(told).toBe(`${plugin.t('SIGN_IN_FAILED')} (SIGN_IN_FAILED)`);
  });
});
