/**
 * Equal values, kept once: of 100,000 members, twenty each are in the same departments, and an object with a single number
 * as its key takes half a kilobyte.
 */
export class Interned {
  private readonly texts = new Map<string, string>();
  private readonly values = new Map<string, object>();
  private readonly maps = new Map<string, Map<string, unknown>>();

  /** An ID as a text: that of a user stands in half a dozen tables. */
  text(id: unknown): string {
    const text = String(id);
    return once(this.texts, text, text);
  }

  optionalText(id: unknown): string | undefined {
    return id === null || id === undefined ? undefined : this.text(id);
  }

  /**
   * Of plain data, whose keys are in an order of their own.
   *
   * @returns an equal one, frozen: whoever changed it would change those of others
   */
  value<T extends object>(value: T): T {
    return Object.freeze(once(this.values, JSON.stringify(value), value) as T);
  }

  /** @returns an equal map in the same order, which nobody may change any more: no map can be frozen */
  map<Value>(map: Map<string, Value>): Map<string, Value> {
    return once(this.maps, JSON.stringify([...map]), map) as Map<string, Value>;
  }
}

/** The first one that came with this key. */
function once<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const first = known.get(key);
  if (first === undefined) {
    known.set(key, value);
  }
  return first ?? value;
}
