import german from '../../src/locale/de-DE.json';
import english from '../../src/locale/en-US.json';
import chinese from '../../src/locale/zh-CN.json';
import type { Language } from './clients';

export type Words = keyof typeof english;

/** What the plugin says, in a language. */
export function words(key: Words, language: Language): string {
  const languages = { 'en-US': english, 'zh-CN': chinese, 'de-DE': { ...english, ...german } };
  return languages[language][key];
}
