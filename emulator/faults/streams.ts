import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

/** The timer is unreferenced: otherwise it would keep the process of an emulator that was closed meanwhile. */
export const pause = (milliseconds: number): Promise<void> => setTimeout(milliseconds, undefined, { ref: false });

export const HUGE_BODY = 300 * 1024 * 1024;

/** Valid JSON of 300 MiB. It is a stream, so that it is made no faster than it is read, and never is in memory. */
export function hugeBody(): Readable {
  const head = Buffer.from('{"filler":"');
  const tail = Buffer.from('"}');
  const chunk = Buffer.alloc(64 * 1024, 'x');
  function* pieces() {
    yield head;
    for (let left = HUGE_BODY - head.length - tail.length; left > 0; left -= chunk.length) {
      yield left < chunk.length ? chunk.subarray(0, left) : chunk;
    }
    yield tail;
  }
  return Readable.from(pieces(), { objectMode: false });
}

export function drip(bytes: Buffer, everyMs: number): Readable {
  async function* pieces() {
    for (const byte of bytes) {
      yield Buffer.of(byte);
      await pause(everyMs);
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
