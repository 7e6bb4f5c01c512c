import fs from 'node:fs';
import path from 'node:path';
import { caseCodes, dingTalkClientCodes, errorCodes, findingCodes, lossCodes } from '../src/shared/codes';
import { parse } from './markdown';
import { differences } from './translation';

/** Languages that the pages are translated into. A page that is missing or differs is reported, and fails no test. */
const LANGUAGES = ['zh-CN', 'de'];

const TRANSLATED = [
  'README.md',
  'docs/deployments.md',
  'docs/directory.md',
  'docs/identity.md',
  'docs/inside-dingtalk.md',
  'docs/linking.md',
  'docs/notifications.md',
  'docs/security.md',
  'docs/settings.md',
  'docs/troubleshooting.md',
  'docs/upgrading.md',
];

const ROOT = path.join(__dirname, '..');
const exists = (file: string) => fs.existsSync(path.join(ROOT, file));
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const page = (file: string) => parse(read(file));

/** Names of files below the root, relative to it. */
function filesBelow(folder: string, ending: RegExp): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return /^(node_modules|dist|\.git|\.nocobase)$/.test(entry.name) ? [] : filesBelow(file, ending);
    }
    return ending.test(file) ? [file] : [];
  });
}

const pages = filesBelow('.', /\.md$/);
const beside = (file: string, target: string) => path.posix.join(path.posix.dirname(file), target);

/** Pages of the repository on GitHub, relative to a file at its root. */
const ON_GITHUB = ['../../releases/latest'];

/** What is wrong with a link of a page. Addresses on the internet are not opened. */
function faultOf(file: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) {
    return /^(https:\/\/|mailto:)/.test(link) ? undefined : 'is not https';
  }
  if (ON_GITHUB.includes(link)) {
    return undefined;
  }
  const [target, anchor] = decodeURI(link).split('#');
  const targetFile = target ? beside(file, target) : file;
  if (!exists(targetFile)) {
    return 'leads to no file';
  }
  const isKnown = anchor === undefined || page(targetFile).headings.some((heading) => heading.anchor === anchor);
  return isKnown ? undefined : 'leads to no heading';
}

describe('the pages', () => {
  it('exist in English', () => {
    expect(pages).toEqual(expect.arrayContaining(['CONTRIBUTING.md', 'docs/architecture.md', ...TRANSLATED]));
  });

  it.each(pages)('%s has no dead link', (file) => {
    const { links, images } = page(file);
    const faults = [...links, ...images].map((link) => [link, faultOf(file, link)]);
    expect(faults.filter(([, fault]) => fault)).toEqual([]);
  });

  it('show each picture of docs/images', () => {
    const shown = pages.flatMap((file) => page(file).images.map((image) => beside(file, image)));
    expect(filesBelow('docs/images', /\.png$/).filter((image) => !shown.includes(image))).toEqual([]);
  });
});

it('anchors are those of GitHub, in each language', () => {
  const text =
    '# What is *stored*?\n\n## `$CORPID$`\n\n## 登录失败：怎么办？\n\n## Über „uns“ & ß_1\n\n## `$CORPID$`\n';
  const anchors = parse(text).headings.map(({ anchor }) => anchor);
  expect(anchors).toEqual(['what-is-stored', 'corpid', '登录失败怎么办', 'über-uns--ß_1', 'corpid-1']);
});

describe('docs/troubleshooting.md', () => {
  const rows = page('docs/troubleshooting.md').tables.flatMap(([, ...body]) => body);
  const explained = rows.flatMap(([first]) => parse(first).code);

  it('explains each code that a user can read', () => {
    const codes = [...Object.keys(errorCodes), ...dingTalkClientCodes];
    expect(codes.filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('explains each finding of the configuration check that is a warning or an error', () => {
    const serious = Object.entries(findingCodes).filter(([, { outcome }]) => /^(warning|error)$/.test(outcome));
    expect(serious.map(([code]) => code).filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('explains each reason of a report of the directory', () => {
    expect(Object.keys(caseCodes).filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('explains each reason why somebody did not get a message', () => {
    expect(Object.keys(lossCodes).filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('explains no code that does not exist', () => {
    const codes: string[] = [errorCodes, findingCodes, caseCodes, lossCodes].flatMap((all) => Object.keys(all));
    codes.push(...dingTalkClientCodes);
    expect(explained.filter((code) => !codes.includes(code))).toEqual([]);
  });
});

describe('docs/threats.md', () => {
  const TAG = /\bT\d{2,3}\b/g;
  const sections = read('docs/threats.md')
    .split(/^### (?=T\d{2,3} )/m)
    .slice(1);
  const threats = sections.map((section) => ({
    id: section.split(' ')[0],
    isTested: !/^- Tests: none/m.test(section),
  }));
  const testFiles = ['src', 'e2e', 'emulator', 'gallery', 'testing'].filter(exists);
  const tags = testFiles
    .flatMap((folder) => filesBelow(folder, /\.test\.tsx?$/))
    .flatMap((file) => read(file).match(TAG));

  it('numbers the threats from T01 on, each once, in this order', () => {
    const numbers = threats.map(({ id }) => Number(id.slice(1)));
    expect(threats.length).toBeGreaterThan(25);
    expect(numbers[0]).toBe(1);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  });

  it('has a test with the tag of each threat, and no test with the tag of another', () => {
    const tagged = new Set(tags.filter((tag) => tag !== null));
    expect([...tagged].sort()).toEqual(threats.flatMap(({ id, isTested }) => (isTested ? id : [])).sort());
  });
});

describe('a translation', () => {
  const english = '# A\n\n## B\n\n| `A_B` | c |\n| --- | --- |\n| d | e |\n\n```\nf\n```\n\n![g](g.png)\n';
  const german = english.replace('# A', '# Ä').replace('| d |', '| ö |').replace('g.png', 'g.de.png');

  it('may have other words', () => {
    expect(differences(english, german)).toEqual([]);
  });

  it.each([
    ['headings', '## B', '### B'],
    ['headings', '## B\n', ''],
    ['rows and columns of tables', '| ö | e |\n', ''],
    ['rows and columns of tables', '| `A_B` | c |\n| --- | --- |', '| `A_B` |\n| --- |'],
    ['code blocks', '```\nf\n```\n', ''],
    ['codes and variables', '`A_B`', '`A_C`'],
    ['images', '![g](g.de.png)', ''],
  ])('is reported where its %s differ: %j as %j', (what, from, to) => {
    const faults = differences(english, german.replace(from, to));
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([what]);
  });

  it('is one of an English page, in a language that is compared', () => {
    const known = LANGUAGES.flatMap((language) => TRANSLATED.map((file) => translationOf(file, language)));
    expect(pages.filter((file) => /^(README\.|docs\/[^/]+\/)(?!md$)/.test(file) && !known.includes(file))).toEqual([]);
  });
});

function translationOf(file: string, language: string): string {
  return file === 'README.md' ? `README.${language}.md` : file.replace('docs/', `docs/${language}/`);
}

afterAll(() => {
  for (const language of LANGUAGES) {
    for (const file of TRANSLATED) {
      const translation = translationOf(file, language);
      const faults = exists(translation) ? differences(read(file), read(translation)) : ['is missing'];
      for (const fault of faults) {
        process.stderr.write(`NOT TRANSLATED: ${translation}: ${fault}\n`);
      }
    }
  }
});
