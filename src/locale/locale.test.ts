import fs from 'node:fs';
import path from 'node:path';
import { dingTalkClientCodes, errorCodes, findingCodes } from '../shared/codes';

const read = (file: string): Record<string, string> => JSON.parse(fs.readFileSync(path.join(__dirname, file), 'utf8'));
const files = fs.readdirSync(__dirname).filter((file) => file.endsWith('.json'));
const english = read('en-US.json');
/** What the server, or DingTalk's client, may say. */
const codes = [...Object.keys(errorCodes), ...Object.keys(findingCodes), ...dingTalkClientCodes];

/** The texts that the clients ask for. */
function keysInCode(): string[] {
  const folders = ['client', 'client-v2', 'client-common'].map((folder) => path.join(__dirname, '..', folder));
  const files = folders.flatMap((folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }));
  const sources = files.filter((file) => file.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const code = sources.map((file) => fs.readFileSync(file, 'utf8')).join('\n');
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
    expect(Object.keys(english)).toEqual(expect.arrayContaining(codes));
  });

  it('have each text of the clients', () => {
    expect(keysInCode().length).toBeGreaterThan(12);
    expect(Object.keys(english)).toEqual(expect.arrayContaining(keysInCode()));
  });

  it('have no text that nobody asks for', () => {
    const asked = new Set([...keysInCode(), ...codes, 'DingTalk']);
    expect(Object.keys(english).filter((key) => !asked.has(key))).toEqual([]);
  });

  it.each(files)('are complete in %s', (file) => {
    const translation = read(file);
    expect(Object.keys(translation)).toEqual(Object.keys(english));
    expect(Object.values(translation).filter((text) => !text.trim())).toEqual([]);
    const variables = (texts: object) => Object.values(texts).map((text) => text.match(/\{\{\w+\}\}/g));
    expect(variables(translation)).toEqual(variables(english));
  });
});
