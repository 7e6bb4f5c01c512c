/**
 * Equal values, kept once: of 100,000 members, twenty each are in the same departments, and an object with a single number
 * as its key takes half a kilobyte.
 */
export class Interned {
  private readonly texts = new Map<string, string>();
  private readonly values = new Map<string, object>();

  /** An ID as a text: that of a user stands in half a dozen tables. */
  text(id: unknown): string {
    const text = String(id);
    const known = this.texts.get(text);
    if (known === undefined) {
      this.texts.set(text, text);
    }
    return known ?? text;
  }

  /**
   * Of plain data, whose keys are in an order of their own.
   *
   * @returns an equal one, frozen: whoever changed it would change those of others
   */
  value<T extends object>(value: T): T {
    const key = JSON.stringify(value);
    const known = this.values.get(key) as T | undefined;
    if (known === undefined) {
      this.values.set(key, Object.freeze(value));
    }
    return known ?? value;
  }
}
