import fc from 'fast-check';
import { check, checkSpeed, json, objectWith } from '../../../testing/fuzz';
import { CodedError } from '../http/coded-error';
import { namesOfUnpublished, parseSettings, type Settings } from './settings';

function parse(options: unknown): Settings | undefined {
  try {
    return parseSettings(options);
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return undefined;
  }
}

describe('parseSettings, of anything', () => {
  it('gives texts that are not empty, or refuses with a code', () => {
    const options = fc
      .tuple(objectWith('clientId', 'clientSecret', 'corpId'), objectWith('autoSignup'), json)
      .map(([dingtalk, open, other]) => `{"dingtalk":${dingtalk},"public":${open},"x":${other}}`);
    check(fc.oneof(options, json), (stored) => {
      const settings = parse(JSON.parse(stored));
      if (settings) {
        const { clientId, clientSecret, corpId = 'none', autoSignup } = settings;
        expect([clientId, clientSecret, corpId].every((text) => typeof text === 'string' && text.trim())).toBe(true);
        expect(typeof autoSignup).toBe('boolean');
      }
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => {
      const settings = parse({ dingtalk: { clientId: read, clientSecret: 'secret', corpId: read } });
      return settings && namesOfUnpublished(settings, [read]);
    });
  });
});
