import english from '../src/locale/en-US.json';
import { sayIn, type Say, type Words } from './words';

/** Those that must have every sentence. Others may lag behind; their users then read English. */
const COMPLETE = ['en-US', 'zh-CN'];

/** What the plugin says in a language of `src/locale`. A sentence that is missing is an error. */
export async function sayOf(language: string): Promise<Say> {
  const { default: words }: { default: Words } = await import(`../src/locale/${language}.json`);
  return sayIn(COMPLETE.includes(language) ? words : { ...english, ...words }, (key) => {
    // eslint-disable-next-line no-console -- nothing else tells the test, and users would read the key
    console.error(`No sentence in ${language}: ${key}`);
  });
}
