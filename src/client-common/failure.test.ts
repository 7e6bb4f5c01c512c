/**
 * @jest-environment jsdom
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fakePlugin, networkError, proxyPage, refusal, sentencesIn } from '../../testing/client/fake-plugin';
import { codesForPersons } from '../shared/codes';
import { failureOf, failureOfCallback, failureOfCode, linesOf, sentenceForAdministrators, timeOf } from './failure';

const ID = '0b0e0a1c-5f1d-4a52-9d2e-0e4a6a3c7f10';
const WORDS_OF_A_LINK = [
  'Call +1 555 0100 <img src=x onerror=alert(1)>',
  'CALL_EVIL_COM',
  'constructor',
  'Sign in via DingTalk',
  'DingTalk',
  '__proto__',
];

const languages = readdirSync(path.join(__dirname, '../locale'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'));

const { plugin, words } = fakePlugin();

describe('failureOf', () => {
  it('takes the sentence of the server, and the ID of the request that NocoBase answers beside it', () => {
    expect(failureOf(refusal('DINGTALK_BUSY', '请稍候', 429, ID), plugin, 'LINK_FAILED')).toEqual({
      code: 'DINGTALK_BUSY',
      sentence: '请稍候',
      requestId: ID,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC[+-]\d\d:\d\d$/),
    });
  });

  it.each([
    ['the page of a proxy', proxyPage()],
    ['a lost connection', networkError()],
  ])('tells SIGN_IN_FAILED, or what the page names instead, of %s', (_, error) => {
    const { plugin: chinese, words: inChinese } = fakePlugin({ language: 'zh-CN' });
    expect(failureOf(error, chinese)).toMatchObject({ code: 'SIGN_IN_FAILED', sentence: inChinese('SIGN_IN_FAILED') });
    expect(failureOf(error, chinese, 'LINK_FAILED')).toMatchObject({ sentence: inChinese('LINK_FAILED') });
    expect(inChinese('SIGN_IN_FAILED')).toMatch(/\p{Script=Han}/u);
  });

  it.each(['', 'abc', `${ID}0`, `${ID}\n`, 'Call +1 555 0100', ID.toUpperCase()])(
    'takes nothing for the ID of a request that has not the form of one: %j',
    (id) => {
      expect(failureOf(refusal('DINGTALK_BUSY', 'Wait.', 429, id), plugin).requestId).toBeUndefined();
    },
  );
});

describe('failureOfCallback', () => {
  it.each(languages)('tells every code that persons are told in %s, and why it happened', (language) => {
    const translated = fakePlugin({ language }).plugin;
    const sentences = sentencesIn(language);
    for (const code of codesForPersons()) {
      const failure = failureOfCallback(translated, { error: code, request: ID }, undefined);
      expect(failure).toMatchObject({ code, sentence: sentences[code], requestId: ID });
      expect(linesOf(failure, translated)[0]).toBe(sentences[`${code}_CAUSE`]);
    }
  });

  it('tells the sentence of the server where it was asked about a flow', () => {
    const callback = { flow: 'x', error: 'ACCESS_DENIED', request: ID };
    const failure = failureOfCallback(plugin, callback, refusal('USER_NOT_FOUND', 'No user has your phone number.'));
    expect(failure).toMatchObject({ code: 'USER_NOT_FOUND', sentence: 'No user has your phone number.' });
    expect(failure.requestId).toBeUndefined();
  });

  it('tells what the page names where the server gave no answer', () => {
    const failure = failureOfCallback(plugin, { flow: 'x' }, networkError(), 'LINK_FAILED');
    expect(failure).toMatchObject({ code: 'LINK_FAILED', sentence: words('LINK_FAILED') });
  });

  it('tells STATE_INVALID where nothing came with the page', () => {
    expect(failureOfCallback(plugin, {}, undefined).code).toBe('STATE_INVALID');
  });

  it.each([...WORDS_OF_A_LINK, 'SYNC_FAILED', 'ACCESS_DENIED_CAUSE'])('T25: shows no words of a link: %s', (error) => {
    const failure = failureOfCallback(plugin, { error, request: ID }, undefined);
    expect(failure).toMatchObject({ code: 'SIGN_IN_FAILED', sentence: words('SIGN_IN_FAILED') });
    // The ID is no more to be believed than the code beside it.
    expect(JSON.stringify([failure, linesOf(failure, plugin)])).not.toMatch(/555|EVIL|SYNC|0b0e0a1c/);
  });

  it.each(WORDS_OF_A_LINK)('T25: takes no words of a link for the ID of a request: %s', (request) => {
    const failure = failureOfCallback(plugin, { error: 'ACCESS_DENIED', request }, undefined);
    expect(failure.requestId).toBeUndefined();
    expect(linesOf(failure, plugin)).toEqual([words('ACCESS_DENIED_CAUSE'), 'Code: ACCESS_DENIED', expect.any(String)]);
  });
});

describe('linesOf', () => {
  it('tells the cause, the code, the time and the ID of the request', () => {
    const failure = { ...failureOfCode('CLIENT_TOO_OLD', plugin, ID), time: 'then' };
    expect(linesOf(failure, plugin)).toEqual([
      words('CLIENT_TOO_OLD_CAUSE'),
      'Code: CLIENT_TOO_OLD',
      'Time: then',
      `Request ID: ${ID}`,
    ]);
  });

  it('leaves out what is not known: the cause of a code of NocoBase’s own, and the request of an answer without one', () => {
    const failure = { ...failureOf(refusal('NOT_EXIST_USER', 'There is none.'), plugin), time: 'then' };
    expect(linesOf(failure, plugin)).toEqual(['Code: NOT_EXIST_USER', 'Time: then']);
  });
});

describe('sentenceForAdministrators', () => {
  it.each([
    ['what they do about it', refusal('NOT_LINKED', 'For the person.'), 'NOT_LINKED_CAUSE', 'NOT_LINKED'],
    ['that it failed', networkError(), 'LINK_FAILED_CAUSE', 'LINK_FAILED'],
  ])('tells %s, with the code', (_, error, key, code) => {
    expect(sentenceForAdministrators(failureOf(error, plugin, 'LINK_FAILED'), plugin)).toBe(`${words(key)} (${code})`);
  });

  it('tells the sentence of the server of a code that has no other', () => {
    expect(sentenceForAdministrators(failureOf(refusal('NO_PERMISSION', 'No.'), plugin), plugin)).toBe(
      'No. (NO_PERMISSION)',
    );
  });
});

describe('timeOf', () => {
  const at = (minutesEast: number) => {
    const date = new Date('2026-11-27T23:05:09.999Z');
    jest.spyOn(date, 'getTimezoneOffset').mockReturnValue(-minutesEast);
    return timeOf(date);
  };

  it.each([
    ['China', 480, '2026-11-28 07:05:09 UTC+08:00'],
    ['Greenwich', 0, '2026-11-27 23:05:09 UTC+00:00'],
    ['India', 330, '2026-11-28 04:35:09 UTC+05:30'],
    ['Newfoundland', -210, '2026-11-27 19:35:09 UTC-03:30'],
    ['the Marquesas', -570, '2026-11-27 13:35:09 UTC-09:30'],
    ['a clock west of Greenwich by less than an hour', -30, '2026-11-27 22:35:09 UTC-00:30'],
  ])('has the zone: %s', (_, minutesEast, expected) => {
    expect(at(minutesEast)).toBe(expected);
  });
});
