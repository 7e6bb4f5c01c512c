import { sayIn, type Say, type Words } from './words';

/** What the plugin says in a language of `src/locale`. A sentence that is missing is an error. */
export async function sayOf(language: string): Promise<Say> {
  const words: { default: Words } = await import(`../src/locale/${language}.json`);
  return sayIn(words.default, (key) => {
    // eslint-disable-next-line no-console -- what a page is told by nothing else, the test finds there
    console.error(`No sentence in ${language}: ${key}`);
  });
}
