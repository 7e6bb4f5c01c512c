import { randomBytes } from 'node:crypto';

const randomKey = () => randomBytes(16).toString('hex');

/**
 * Codes or tokens: values under random keys that expire. An expired one is kept, because DingTalk answers some of them
 * in other words than an unknown one.
 */
export class TokenStore<Value> {
  private readonly entries = new Map<string, { value: Value; expires: number }>();

  constructor(
    private readonly now: () => number,
    private readonly seconds: number,
  ) {}

  add(value: Value): string {
    const key = randomKey();
    this.entries.set(key, { value, expires: this.end() });
    return key;
  }

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    return entry && entry.expires > this.now() ? entry.value : undefined;
  }

  /** Single use. */
  take(key: string): Value | undefined {
    const value = this.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
    }
    return value;
  }

  isExpired(key: string): boolean {
    return this.entries.has(key) && this.get(key) === undefined;
  }

  renew(key: string): void {
    const entry = this.entries.get(key);
    if (entry) {
      entry.expires = this.end();
    }
  }

  /** The valid key that holds this value, renewed, or a new one: DingTalk repeats an app's token while it is valid. */
  keyFor(value: Value): string {
    for (const [key, entry] of this.entries) {
      if (entry.value === value && entry.expires > this.now()) {
        this.renew(key);
        return key;
      }
    }
    return this.add(value);
  }

  clear(): void {
    this.entries.clear();
  }

  private end(): number {
    return this.now() + this.seconds * 1000;
  }
}
