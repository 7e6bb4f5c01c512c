import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Callback, parseCallback } from '../platform/data';
import { decrypt, encrypt, sign } from './crypto';
import { Delivery, type Fault } from './delivery';
import { pushBodyOf } from './event';
import { Slots } from './slots';
import type { DingTalkEvent, Receiver } from './types';

const DAY = 24 * 3600 * 1000;
const HUGE = 10 * 1024 * 1024;

const answer = z.object({
  msg_signature: z.string(),
  timeStamp: z.coerce.string(),
  nonce: z.string(),
  encrypt: z.string(),
});

/** What the console says where what came back is not the encrypted `success`. */
const CHECK_FAILED = 'HTTP请求结果校验返回字段值失败';

const randomAesKey = () =>
  randomBytes(64)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 43)
    .padEnd(43, 'A');

/** Whether it is the encrypted `success`; else what is wrong with it. */
function judge(status: number, text: string, { token, aesKey }: Callback, owner: string): string {
  if (status !== 200) {
    return `status ${status}`;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  const fields = answer.safeParse(parsed).data;
  if (!fields) {
    return 'fields are missing';
  }
  if (sign(token, fields.timeStamp, fields.nonce, fields.encrypt) !== fields.msg_signature) {
    return 'wrong signature';
  }
  try {
    const { message, owner: answered } = decrypt(fields.encrypt, aesKey);
    return answered !== owner ? 'wrong owner' : message === 'success' ? 'success' : 'no success';
  } catch {
    return 'not decrypted';
  }
}

/** Events that are posted to the address of an app. */
export class Pushes extends Delivery {
  private readonly slots = new Slots(() => this.settings.pushesAtOnce);
  private readonly underWay = new Set<AbortController>();

  /**
   * What the console's "save" does: it asks the address, and keeps it if it answers rightly in time. Otherwise it throws
   * what the console says, with the reason as the cause.
   */
  async save(clientId: string, input: unknown): Promise<void> {
    const callback = parseCallback(input);
    const app = this.platform.requireApp(clientId);
    const { pushCheckMs } = this.settings;
    const reason = await this.post(callback, clientId, { EventType: 'check_url' }, pushCheckMs);
    if (reason !== 'success') {
      throw new Error(CHECK_FAILED, { cause: reason });
    }
    app.callback = callback;
  }

  remove(clientId: string): void {
    delete this.platform.requireApp(clientId).callback;
  }

  async deliver(event: DingTalkEvent, receiver: Receiver): Promise<void> {
    const waits = this.settings.pushRepeatsMs;
    for (let attempt = 1; attempt <= waits.length + 1; attempt++) {
      if (attempt > 1) {
        await this.timers.beforeRepeat(waits[attempt - 2]);
      }
      const answer = await this.slots.run(() => this.attempt(event, receiver, attempt));
      if (answer === 'success' || answer === undefined) {
        return this.log.end(receiver, answer === 'success' ? 'accepted' : 'lost');
      }
    }
    this.platform.failedPushes.add(receiver.clientId, event);
    this.log.end(receiver, 'listed');
  }

  reset(): void {
    this.underWay.forEach((each) => each.abort());
  }

  protected async send(event: DingTalkEvent, receiver: Receiver, fault: Fault): Promise<string | undefined> {
    const { clientId } = receiver;
    const callback = this.platform.app(clientId)?.callback;
    const { pushAnswerMs } = this.settings;
    const post = (to: Callback) => this.post(to, clientId, pushBodyOf(event), pushAnswerMs, fault);
    return callback && this.onceOrTwice(fault, () => this.log.attempt(receiver, { fault }, () => post(callback)));
  }

  private async post(
    callback: Callback,
    owner: string,
    message: object,
    limitMs: number,
    fault?: Fault,
  ): Promise<string> {
    const { token, aesKey } = callback;
    const encrypted = encrypt(JSON.stringify(message), fault === 'pushWrongKey' ? randomAesKey() : aesKey, owner);
    const nonce = randomBytes(8).toString('hex');
    const timestamp = this.timestamp(fault === 'pushOldTimestamp' ? DAY : 0);
    const signature = sign(fault === 'pushWrongSignature' ? `${token}x` : token, timestamp, nonce, encrypted);
    const url = new URL(callback.url);
    for (const [name, value] of Object.entries({ msg_signature: signature, signature, timestamp, nonce })) {
      url.searchParams.append(name, value);
    }
    const right = JSON.stringify({ encrypt: encrypted, ...(fault === 'pushHuge' && { filler: 'x'.repeat(HUGE) }) });
    const body = fault === 'pushTruncated' ? right.slice(0, right.length / 2) : right;
    return this.within(limitMs, async (signal) => {
      const headers = { 'Content-Type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      return judge(response.status, await response.text(), callback, owner);
    });
  }

  private async within(limitMs: number, work: (signal: AbortSignal) => Promise<string>): Promise<string> {
    const controller = new AbortController();
    const callOff = this.timers.after(limitMs, () => controller.abort());
    this.underWay.add(controller);
    try {
      return await work(controller.signal);
    } catch {
      return controller.signal.aborted ? 'none' : 'no connection';
    } finally {
      callOff();
      this.underWay.delete(controller);
    }
  }

  private timestamp(age: number): string {
    const milliseconds = this.platform.eventNow() - age;
    const { pushTimestamp } = this.settings;
    return String(pushTimestamp === 'seconds' ? Math.floor(milliseconds / 1000) : milliseconds);
  }
}
