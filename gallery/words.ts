import type english from '../src/locale/en-US.json';

type Key = keyof typeof english;

/** The sentences of a language. */
export type Words = Partial<Record<string, string>>;

/** What the plugin says for a key, with the values in the sentence. */
export type Say = (key: Key, values?: Record<string, string>) => string;

/** As NocoBase translates: without a sentence, the key is what users read. `missing` learns of it. */
export function sayIn(words: Words, missing: (key: string) => void): (key: string, values?: object) => string {
  return (key, values = {}) => {
    const sentence = words[key];
    if (sentence === undefined) {
      missing(key);
      return key;
    }
    return withValues(sentence, values);
  };
}

/** The sentence with the values in place of `{{name}}`. */
export const withValues = (sentence: string, values: object = {}): string =>
  sentence.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(new Map(Object.entries(values)).get(name)));
