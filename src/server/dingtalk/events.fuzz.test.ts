import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { check, checkSpeed, json, objectWith, text, value } from '../../../testing/fuzz';
import { createCallbackKeys, decryptCallback, encryptAnswer, readCallback, verifyCallback } from './callback';
import { DingTalkError } from './errors';
import { type DirectoryEvent, eventOfCallback, eventOfFailedCallback, eventOfFrame } from './event';
import { readFrame } from './frames';
import { checkGateway } from './gateway';

function expectEvent(event: DirectoryEvent | undefined): void {
  if (event) {
    expect(event.type).toMatch(/^[\w.:-]{1,128}$/);
    expect([event.userids.length, event.departmentIds.length].every((count) => count <= 1000)).toBe(true);
    expect(event.userids.every((userid) => typeof userid === 'string' && /^[^\p{Cc}\p{Cs}]+$/u.test(userid))).toBe(
      true,
    );
    expect(event.departmentIds.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  }
}

describe('events, of anything', () => {
  const fields = objectWith('userId', 'deptId', 'eventType', 'EventType', 'CorpId', 'EventTime', 'data', 'timeStamp');

  it('T21: are read, or not', () => {
    const frame = fc.record({
      headers: objectWith('eventType', 'eventId', 'eventCorpId', 'eventBornTime'),
      data: fields,
    });
    check(frame, ({ headers, data }) => expectEvent(eventOfFrame({ headers: JSON.parse(headers), data })));
    check(fc.oneof(fields, json, text), (message) => expectEvent(eventOfCallback(message)));
    check(
      fc.oneof(
        objectWith('call_back_tag', 'user_add_org', 'event_time').map((read) => JSON.parse(read)),
        value,
      ),
      (entry) => expectEvent(eventOfFailedCallback(entry)),
    );
  });

  it('T20: of a frame are read, or it is unknown', () => {
    const kinds = ['ping', 'disconnect', 'notice', 'event', 'unknown'];
    check(fc.oneof(objectWith('type', 'headers', 'data'), json, text), (received) => {
      expect(kinds).toContain(readFrame(received).kind);
    });
  });

  it('T19: take less than 50 ms for 100 kB', () => {
    checkSpeed(readFrame);
    checkSpeed(eventOfCallback);
    checkSpeed((read) => eventOfFrame({ headers: { eventType: 'x' }, data: JSON.stringify({ userId: read }) }));
  });
});

describe('callbacks, of anything', () => {
  const keys = createCallbackKeys();
  const OWNER = 'dingowner';

  /** Whether it was taken; anything but the one error fails the test. */
  function isTaken(work: () => unknown): boolean {
    try {
      work();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(DingTalkError);
      expect((error as DingTalkError).message).toBe('callback: not a callback of DingTalk');
      return false;
    }
  }

  const decrypts = (encrypt: string) => isTaken(() => decryptCallback(encrypt, keys.aesKey, OWNER));

  it('random bytes and texts are refused', () => {
    check(fc.uint8Array({ maxLength: 200 }), (bytes) =>
      expect(decrypts(Buffer.from(bytes).toString('base64'))).toBe(false),
    );
    check(text, (written) => expect(decrypts(written)).toBe(false));
  });

  it('what somebody with the key wrote otherwise is refused, or read to its end', () => {
    const key = Buffer.from(`${keys.aesKey}=`, 'base64');
    check(fc.uint8Array({ minLength: 32, maxLength: 128 }), (bytes) => {
      const plain = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 32)));
      plain[plain.length - 1] = 1;
      const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
      expect(decrypts(Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64'))).toBe(false);
    });
  });

  it('one flipped bit is refused by the signature; the encryption alone would miss it in the first block', () => {
    const { encrypt, msg_signature: signature, timeStamp: timestamp, nonce } = encryptAnswer(keys, OWNER, '{"a":1}');
    const flipped = (bit: number) => {
      const bytes = Buffer.from(encrypt, 'base64');
      bytes[bit >> 3] ^= 1 << (bit & 7);
      return bytes.toString('base64');
    };
    const bits = Buffer.from(encrypt, 'base64').length * 8;
    check(fc.integer({ min: 0, max: bits - 1 }), (bit) => {
      decrypts(flipped(bit));
      const callback = { signature, timestamp, nonce, encrypt: flipped(bit) };
      expect(isTaken(() => verifyCallback(callback, keys.token))).toBe(false);
    });
  });

  it('every truncation is refused', () => {
    const { encrypt } = encryptAnswer(keys, OWNER, 'x'.repeat(300));
    const bytes = Buffer.from(encrypt, 'base64');
    check(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
      expect(decrypts(bytes.subarray(0, length).toString('base64'))).toBe(false);
    });
  });

  it('any query and body are read, or refused', () => {
    check(fc.tuple(value, value), ([query, body]) => void isTaken(() => readCallback(query, body)));
    const query = objectWith('msg_signature', 'signature', 'timestamp', 'nonce').map((written) => JSON.parse(written));
    check(query, (read) => void isTaken(() => verifyCallback(readCallback(read, { encrypt: 'x' }), keys.token)));
  });

  it('any message comes back as it was', () => {
    check(fc.string({ unit: 'grapheme' }), (message) => {
      expect(decryptCallback(encryptAnswer(keys, OWNER, message).encrypt, keys.aesKey, OWNER)).toBe(message);
    });
  });
});

it('T12: whatever a gateway is called, it is one of DingTalk or refused', () => {
  const api = new URL('https://api.dingtalk.com/x');
  const host = fc.constantFrom(
    'evil.com',
    'x.dingtalk.com',
    'dingtalk.com',
    'evildingtalk.com',
    '127.0.0.1',
    '@',
    '\\',
    '#',
  );
  const address = fc
    .tuple(
      fc.constantFrom('wss://', 'ws://', 'https://', 'wss:\\', 'wss:', ''),
      fc.array(fc.oneof(host, text), { maxLength: 4 }),
    )
    .map(([scheme, parts]) => scheme + parts.join(''));
  check(address, (endpoint) => {
    try {
      const { protocol, hostname, username } = checkGateway(endpoint, api);
      expect([protocol, username]).toEqual(['wss:', '']);
      expect(hostname).toMatch(/\.dingtalk\.com$/);
    } catch (error) {
      expect(error).toMatchObject({ name: 'DingTalkError', isForbidden: true });
    }
  });
});
