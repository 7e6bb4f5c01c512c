import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  caseCodes,
  codesForPersons,
  dingTalkClientCodes,
  errorCodes,
  findingCodes,
  lossCodes,
  messageTexts,
  noticeTexts,
  syncTexts,
} from '../shared/codes';

type Texts = Record<string, string>;

interface Plugin {
  generateBundle(this: { emitFile(file: { fileName: string; source: string }): void }): void;
}

const { packageFiles } = jest.requireActual<{ packageFiles(locale?: string): Plugin }>('../../build/package-files.js');

/** The maintainers write these; translations into other languages are contributed, and English stands in for gaps. */
const REQUIRED = ['en-US.json', 'zh-CN.json'];

const read = (file: string): Texts => JSON.parse(fs.readFileSync(path.join(__dirname, file), 'utf8'));
const files = fs.readdirSync(__dirname).filter((file) => file.endsWith('.json'));
const english = read('en-US.json');
/** Everything that the server, or DingTalk's client, can report. */
const codes = [errorCodes, findingCodes, caseCodes, lossCodes]
  .flatMap((all) => Object.keys(all))
  .concat(
    dingTalkClientCodes,
    codesForPersons().map((code) => `${code}_CAUSE`),
  );

/** The texts that the clients ask for. */
function keysInCode(): string[] {
  const folders = ['client', 'client-v2', 'client-common'].map((folder) => path.join(__dirname, '..', folder));
  const files = folders.flatMap((folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }));
  const sources = files.filter((file) => file.isFile() && !/\.test\.tsx?$/.test(file.name));
  const code = sources.map(({ parentPath, name }) => fs.readFileSync(path.join(parentPath, name), 'utf8')).join('\n');
  return [...code.matchAll(/\b(?:t|required)\(\s*'([^']+)'/g), ...code.matchAll(/\|\| '([A-Z][\w ]+)'\)/g)].map(
    ([, key]) => key,
  );
}

describe('the translations', () => {
  it('are those that NocoBase’s own plugins have', () => {
    const folder = path.join(require.resolve('@nocobase/plugin-auth/package.json'), '..', 'dist', 'locale');
    const own = fs.readdirSync(folder).filter((file) => /^[a-z]{2}-[A-Z]{2}\.json$/.test(file));
    expect(own.length).toBeGreaterThan(10);
    expect(files).toEqual(own);
  });

  it('have a sentence for each code', () => {
    expect(codes.filter((code) => !(code in english))).toEqual([]);
  });

  describe.each(files)('of the codes that persons are told in %s', (file) => {
    const texts = read(file);
    const isEuropean = !/[\p{Script=Han}\p{Script=Hangul}]/u.test(texts.SIGN_IN_FAILED);
    /** What stands in a sentence of a person, but is a matter of administrators: words of a setting, a header, a menu. */
    const ofAdministrators = /Client|Secret|Corp|X-Forwarded|Host|URL|HTTP|cookie|NocoBase|[›「」【】()（）]/i;

    it.each(codesForPersons())('%s has a short sentence for the person, and one for the administrator', (code) => {
      const [person, cause] = [texts[code], texts[`${code}_CAUSE`]];
      expect(person.split(/[.。]/).filter((part) => part.trim()).length).toBeLessThanOrEqual(2);
      expect(person.length).toBeLessThanOrEqual(isEuropean ? 180 : 90);
      expect(person).not.toMatch(ofAdministrators);
      // Of DingTalk's console no person has heard.
      expect(isEuropean && /\p{Script=Han}/u.test(person)).toBe(false);
      expect(cause).toMatch(/[.。]$/);
      expect(cause).not.toBe(person);
      expect(file === 'en-US.json' || cause !== english[`${code}_CAUSE`]).toBe(true);
    });
  });

  it('have each text of the clients', () => {
    expect(keysInCode().length).toBeGreaterThan(12);
    expect(keysInCode().filter((key) => !(key in english))).toEqual([]);
  });

  it('have no text that the code does not use', () => {
    const used = new Set([...keysInCode(), ...codes, ...noticeTexts, ...syncTexts, ...messageTexts, 'DingTalk']);
    expect(Object.keys(english).filter((key) => !used.has(key))).toEqual([]);
  });

  it.each(REQUIRED)('are complete and in the same order in %s', (file) => {
    expect(Object.keys(read(file))).toEqual(Object.keys(english));
  });

  it.each(files)('have no key that English lacks, no empty text and the variables of English in %s', (file) => {
    const texts = Object.entries(read(file));
    const variables = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    expect(texts.filter(([key]) => !(key in english))).toEqual([]);
    expect(texts.filter(([, text]) => !text.trim())).toEqual([]);
    expect(texts.filter(([key, text]) => `${variables(text)}` !== `${variables(english[key])}`)).toEqual([]);
  });

  it('are packed with English in place of what a language lacks', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'locale-'));
    fs.writeFileSync(path.join(folder, 'en-US.json'), '{ "OLD": "Old", "NEW": "New" }');
    fs.writeFileSync(path.join(folder, 'fr-FR.json'), '{ "OLD": "Ancien" }');
    const packed: Record<string, string> = {};
    packageFiles(folder).generateBundle.call({ emitFile: ({ fileName, source }) => (packed[fileName] = source) });
    fs.rmSync(folder, { recursive: true });
    expect(JSON.parse(packed['locale/en-US.json'])).toEqual({ OLD: 'Old', NEW: 'New' });
    expect(JSON.parse(packed['locale/fr-FR.json'])).toEqual({ OLD: 'Ancien', NEW: 'New' });
  });
});

afterAll(() => {
  for (const file of files) {
    const missing = Object.keys(english).filter((key) => !(key in read(file)));
    if (missing.length) {
      process.stderr.write(`NOT TRANSLATED: src/locale/${file}: ${missing.join(', ')}\n`);
    }
  }
});
