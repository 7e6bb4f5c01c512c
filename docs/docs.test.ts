import fs from 'node:fs';
import path from 'node:path';
import { dingTalkClientCodes, errorCodes, findingCodes } from '../src/shared/codes';
import { anchors, images, inlineCode, links, tables } from './markdown';
import { differences } from './translation';

/** Languages that the pages are translated into. Name one here when all its pages are there. */
const LANGUAGES: string[] = ['zh-CN', 'de'];

/** The pages that are translated; the README up to its part for developers. */
const TRANSLATED = [
  'README.md',
  'docs/deployments.md',
  'docs/identity.md',
  'docs/inside-dingtalk.md',
  'docs/linking.md',
  'docs/security.md',
  'docs/troubleshooting.md',
  'docs/upgrading.md',
];

const ROOT = path.join(__dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

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

/** What is wrong with a link of a page. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) {
    // No test asks the network.
    return /^(https:\/\/|mailto:)/.test(link) ? undefined : 'is not https';
  }
  const [target, anchor] = decodeURI(link).split('#');
  const file = target ? path.posix.join(path.posix.dirname(page), target) : page;
  if (!fs.existsSync(path.join(ROOT, file))) {
    return 'leads to no file';
  }
  return anchor === undefined || (file.endsWith('.md') && anchors(read(file)).includes(anchor))
    ? undefined
    : 'leads to no heading';
}

describe('the pages', () => {
  it('are there', () => {
    expect(pages).toEqual(expect.arrayContaining(['CONTRIBUTING.md', 'docs/architecture.md', ...TRANSLATED]));
  });

  it.each(pages)('%s has no dead link', (page) => {
    const faults = links(read(page)).map((link) => [link, faultOf(page, link)]);
    expect(faults.filter(([, fault]) => fault)).toEqual([]);
  });

  it('show each picture of docs/images, those of a language where that language is there', () => {
    const shown = pages.flatMap((page) =>
      images(read(page)).map((image) => path.posix.join(path.posix.dirname(page), image)),
    );
    const languageOf = (image: string) => /\.([\w-]+)\.\w+$/.exec(image)?.[1];
    const wanted = filesBelow('docs/images', /\.png$/).filter((image) => {
      const language = languageOf(image);
      return !language || LANGUAGES.includes(language);
    });
    expect(wanted.filter((image) => !shown.includes(image))).toEqual([]);
  });
});

describe('anchors', () => {
  it('are those of GitHub, in each language', () => {
    const page =
      '# What is *stored*?\n\n## `$CORPID$`\n\n## 登录失败：怎么办？\n\n## Über „uns“ & ß_1\n\n## `$CORPID$`\n';
    expect(anchors(page)).toEqual(['what-is-stored', 'corpid', '登录失败怎么办', 'über-uns--ß_1', 'corpid-1']);
  });
});

describe('docs/troubleshooting.md', () => {
  const told = new Set(
    tables(read('docs/troubleshooting.md')).flatMap((rows) => rows.flatMap(([first]) => inlineCode(first))),
  );

  it('has each code that people can read', () => {
    const codes = [...Object.keys(errorCodes), ...dingTalkClientCodes];
    expect(codes.filter((code) => !told.has(code))).toEqual([]);
  });

  it('has no code that there is not', () => {
    const codes = new Set<string>([...Object.keys(errorCodes), ...dingTalkClientCodes, ...Object.keys(findingCodes)]);
    expect([...told].filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('the second column of troubleshooting.md', () => {
  const locales = filesBelow('src/locale', /\.json$/);

  it.each(['en-US', ...LANGUAGES])('has the beginnings of the sentences that people read: %s', (language) => {
    const page = language === 'en-US' ? 'docs/troubleshooting.md' : `docs/${language}/troubleshooting.md`;
    const locale = locales.find((file) => path.basename(file).startsWith(language)) ?? '';
    const sentences: Record<string, string> = JSON.parse(read(locale));
    const rows = tables(read(page)).flatMap(([, ...body]) => body);
    const wrong = rows.filter(([code, text]) => !sentences[inlineCode(code)[0]]?.startsWith(text.replace(/ *…+$/, '')));
    expect(wrong).toEqual([]);
  });
});

describe('docs/threats.md', () => {
  const serverTests = filesBelow('src/server', /\.test\.ts$/);
  const pathOf = (name: string) =>
    name.includes('/') ? name : (serverTests.find((file) => path.basename(file).startsWith(`${name}.`)) ?? name);
  const isTest = (file: string) => file.endsWith('.test.ts') && fs.existsSync(path.join(ROOT, file));

  const TEXT = /(['"`])((?:\\.|(?!\1)[^\\\n])+)\1/g;
  /** The last is what `it.each(…)` and `visits(…)` return. */
  const TITLE = new RegExp(/(?:\b(?:it|test|describe|attack|compare|visit)|\))\(\s*/.source + TEXT.source, 'g');

  const texts = (file: string, pattern: RegExp) =>
    [...read(file).matchAll(pattern)].map(([, , text]) => text.replace(/\\(.)/g, '$1'));

  /**
   * Whether a file has tests of this title. It may be the title as it is written, or one with its `%s` filled in; what
   * it is filled with is not checked, unless there is nothing else: then the title must stand in the file.
   */
  function hasTitle(file: string, title: string): boolean {
    const anyText = texts(file, TEXT);
    return texts(file, TITLE).some((written) => {
      const parts = written.split(/%[sjdi]|\$\{[^}]+\}|\$\w+/);
      const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+');
      const isFixed = parts.some((part) => part.trim());
      return written === title || (isFixed ? new RegExp(`^${pattern}$`).test(title) : anyText.includes(title));
    });
  }

  /** Each text in double quotes, with the test file that is named before it in its line. */
  const quoted = read('docs/threats.md')
    .split('\n')
    .flatMap((line) => {
      let file = 'no test file';
      return [...line.matchAll(/`([^`]+)`|"([^"]+)"/g)].flatMap(([, code, title]) => {
        if (title) {
          return [[file, title]];
        }
        file = isTest(pathOf(code)) ? pathOf(code) : file;
        return [];
      });
    });

  it('quotes tests', () => {
    expect(quoted.length).toBeGreaterThan(80);
  });

  it('names no test that there is not', () => {
    expect(quoted.filter(([file, title]) => !isTest(file) || !hasTitle(file, title))).toEqual([]);
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
    ['rows and columns of tables', '| ö | e |', '| ö |'],
    ['code blocks', '```\nf\n```\n', ''],
    ['codes and variables', '`A_B`', '`A_C`'],
    ['images', '![g](g.de.png)', ''],
  ])('may not have other %s: %j as %j', (what, from, to) => {
    const faults = differences(english, german.replace(from, to));
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([what]);
  });

  const fileOf = (page: string, language: string) =>
    page === 'README.md' ? `README.${language}.md` : page.replace('docs/', `docs/${language}/`);
  const forAdministrators = (page: string) => read(page).split(/^# For developers$/m)[0];

  it('is checked where there is one', () => {
    const folders = fs.readdirSync(path.join(ROOT, 'docs'), { withFileTypes: true }).filter((at) => at.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([...LANGUAGES, 'images'].sort());
    const readmes = LANGUAGES.map((language) => fileOf('README.md', language));
    expect(pages.filter((page) => /^README\..+\.md$/.test(page)).sort()).toEqual(readmes.sort());
  });

  it('is made as the English page is, in each language', () => {
    const made = LANGUAGES.flatMap((language) => TRANSLATED.map((page) => [fileOf(page, language), page]));
    const faults = made.map(([file, page]) => [
      file,
      ...(pages.includes(file) ? differences(forAdministrators(page), read(file)) : ['is missing']),
    ]);
    expect(faults.filter(([, ...more]) => more.length)).toEqual([]);
  });
});
