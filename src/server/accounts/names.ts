/** Length of NocoBase's string columns: code points. */
export const MAX_TEXT = 255;

/** Scripts whose letters join, or whose vowels and half forms are told apart by the zero width joiners. */
const joining = [
  'Arabic',
  'Bengali',
  'Devanagari',
  'Gujarati',
  'Gurmukhi',
  'Kannada',
  'Khmer',
  'Malayalam',
  'Mongolian',
  'Myanmar',
  'Nko',
  'Oriya',
  'Sinhala',
  'Syriac',
  'Tamil',
  'Telugu',
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/** What nobody sees and yet belongs to a name, because what stands beside it is drawn differently for it. */
const needed = [
  // The flags of England, Scotland and Wales.
  '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{2,6}\\u{E007F}',
  // A zero width joiner between two pictures: a family is one. A color of skin or a selector may stand before it.
  '(?<=\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\uFE0F]?)\\u200D(?=\\p{Extended_Pictographic})',
  // Zero width joiners between two letters of such a script, and at the end of a half form of India's.
  `(?<=[${joining}])[\\u200C\\u200D](?=[${joining}])`,
  '(?<=[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA])\\u200D',
  // Variation selectors: of pictures, of the keycap of a digit, of Han characters, of Mongolian letters.
  '(?<=(?![0-9#*])[\\p{Emoji}\\p{Extended_Pictographic}])[\\uFE0E\\uFE0F]',
  '(?<=[0-9#*])\\uFE0F(?=\\u20E3)',
  '(?<=\\p{Script=Han})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  '(?<=\\p{Script=Mongolian})[\\u180B-\\u180D\\u180F]',
].join('|');

/**
 * Control, format and other characters that nobody sees, ends of lines, halves of a character, and what is none. They
 * turn text round (`gpj.exe` for `exe.jpg`), or make two names look the same.
 */
const unseen = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]';

const neededOrUnseen = new RegExp(`(${needed})|${unseen}`, 'gu');
/** Spaces, the empty pattern of Braille, and marks without a letter are no name. */
const visible = /[^\p{Z}\p{M}\u2800]/u;

/**
 * A name that every database accepts and that is what it looks like; undefined where nothing is left. PostgreSQL fails
 * at a NUL.
 */
export function cleanName(text: string | undefined): string | undefined {
  const seen = (text ?? '').replace(neededOrUnseen, '$1').trim();
  // Who is left as given is no copy: a run has the names of 100,000.
  const short = seen.length > MAX_TEXT ? [...seen].slice(0, MAX_TEXT).join('') : seen;
  // The end may cut a picture in two, and leave a joiner behind.
  const clean = short.replace(neededOrUnseen, '$1').trim();
  return visible.test(clean) ? clean : undefined;
}

/** The name without characters beyond the first 65,536, which MySQL's `utf8` cannot hold: pictures, rare Han characters. */
export function withoutAstral(name: string): string | undefined {
  return cleanName(name.replace(/[\u{10000}-\u{10FFFF}]/gu, ''));
}

/** Letters that look like Latin ones: Cyrillic, Greek, the dotless i. */
const lookalikes: Record<string, string> = Object.fromEntries(
  [
    'aаαɑ',
    'bвβь',
    'cс',
    'dԁ',
    'eеε',
    'iіιı',
    'kкκ',
    'mмμ',
    'nпν',
    'oоοσ',
    'pрρ',
    'rг',
    'sѕ',
    'tтτ',
    'uυ',
    'xхχ',
    'yу',
  ].flatMap(([latin, ...others]) => others.map((other) => [other, latin])),
);

/**
 * What a name reads as: two names that look the same to a reader have the same. Width, capitals, accents, spaces,
 * punctuation and the alphabet that a letter is borrowed from make no difference.
 */
export function readingOf(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]|\p{Default_Ignorable_Code_Point}/gu, '');
  return [...letters].map((letter) => lookalikes[letter] ?? letter).join('');
}

/** How NocoBase and its administrators are called, in the languages of the plugin. */
const systemNames = new Set(
  [
    'root',
    'admin',
    'admins',
    'administrator',
    'administrators',
    'super admin',
    'super administrator',
    'superuser',
    'sysadmin',
    'system',
    'system admin',
    'system administrator',
    'nocobase',
    'nocobase admin',
    'nocobase administrator',
    '管理员',
    '系统管理员',
    '超级管理员',
    '平台管理员',
    '超管',
    '系统',
    '系统账号',
    '系统通知',
    '管理員',
    '系統管理員',
    '超級管理員',
    '系統',
    '管理者',
    'システム',
    'システム管理者',
    '관리자',
    '시스템 관리자',
    'администратор',
    'системный администратор',
    'administrador',
    'administrateur',
    'amministratore',
    'administratör',
    'beheerder',
    'quản trị viên',
    'yönetici',
  ].map(readingOf),
);

/**
 * Whether a name reads as that of a system account: a stranger who signs up as “Admin” would be obeyed in comments and
 * tasks. Only the whole name counts, as people are called “Root” besides a given name.
 *
 * @param others names that are taken, those of root
 */
export function isSystemName(name: string, others: string[] = []): boolean {
  const reading = readingOf(name);
  return systemNames.has(reading) || (reading !== '' && others.some((other) => readingOf(other) === reading));
}
