import fc from 'fast-check';
import { flowContext } from '../../../testing/flow-context';
import { check, checkSpeed, text } from '../../../testing/fuzz';
import { beginFlow, type Flow, readFlow } from './flow';

const flow: Flow = {
  purpose: 'signIn',
  authenticator: 'dingtalk',
  callback: 'http://nb.example/signin/dingtalk',
  redirect: '/admin',
};
const begun = { ...flow, expires: expect.any(Number) };

describe('readFlow, of any cookie', () => {
  const beginning = flowContext();
  const state = beginFlow(beginning, flow);
  const [cookie] = beginning.set;
  const name = cookie.split('=')[0];

  it('reads the cookie that began it', () => {
    expect(readFlow(flowContext({ cookie }), state)).toEqual(begun);
  });

  it('T01: reads no other cookie', () => {
    const changed = fc
      .tuple(fc.nat(cookie.length - 1), fc.integer({ min: 0x21, max: 0x7e }))
      .map(([at, character]) => cookie.slice(0, at) + String.fromCharCode(character) + cookie.slice(at + 1))
      // The last character of the signature has bits that mean nothing.
      .filter((forged) => !forged.startsWith(cookie.slice(0, -1)));
    const parts = fc.tuple(text, text).map(([record, signature]) => `${name}=${record}.${signature}`);
    const values = text.map((value) => `${name}=${value}`);
    check(fc.oneof(changed, values, text, parts), (forged) => {
      expect(readFlow(flowContext({ cookie: forged }), state)).toBeUndefined();
    });
  });

  it('reads its cookie for no other state', () => {
    check(text, (other) => {
      expect(readFlow(flowContext({ cookie }), other)).toBeUndefined();
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) =>
      [`${name}=${read}`, `${name}=${read}.x`, `${name}=x.${read}`, read].map((forged) =>
        readFlow(flowContext({ cookie: forged }), state),
      ),
    );
  });
});
