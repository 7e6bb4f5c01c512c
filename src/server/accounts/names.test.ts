import { cleanName, isSystemName, readingOf, withoutAstral } from './names';

describe('a name', () => {
  it.each([
    ['nothing', undefined, undefined],
    ['spaces alone', ' \u3000 ', undefined],
    ['a NUL and a line end', 'Zhang\0 Wei\n', 'Zhang Wei'],
    ['half of a character', 'Wei\ud83d', 'Wei'],
    ['no character at all', 'Wei\uffff\ufdd0\u{1fffe}', 'Wei'],
    ['a line separator', 'Zhang\u2028Wei\u2029', 'ZhangWei'],
    ['more than a column holds', '\u{1F600}'.repeat(300), '\u{1F600}'.repeat(255)],
  ])('of %s can be stored', (_, text, name) => expect(cleanName(text)).toBe(name));

  it.each([
    ['right-to-left override', 'Wei \u202Etoor\u202C', 'Wei toor'],
    ['an isolate', '\u2066Wei\u2069', 'Wei'],
    ['direction marks', '\u200EWei\u200F\u061C', 'Wei'],
    ['a zero width space', 'ro\u200Bot', 'root'],
    ['a byte order mark and a word joiner', '\uFEFFro\u2060ot', 'root'],
    ['joiners between Latin letters', 'ro\u200Do\u200Ct', 'root'],
    ['a joiner at an end', '\u200D张伟\u200D', '张伟'],
    ['a joiner between Han characters', '张\u200D伟', '张伟'],
    ['a soft hyphen', 'ro\u00ADot', 'root'],
    ['tag characters', 'root\u{E0041}\u{E0042}', 'root'],
    ['tag characters after a flag, without their end', '\u{1F3F4}\u{E0067}\u{E0062}', '\u{1F3F4}'],
    ['a variation selector after a letter', 'ro\uFE0Fot\uFE00', 'root'],
    ['a variation selector after a digit', '1\uFE0F', '1'],
    ['two variation selectors', '\u2764\uFE0F\uFE0F', '\u2764\uFE0F'],
    ['a variation selector of Han after a letter', 'root\u{E0100}', 'root'],
    ['fillers of Hangul', '\u3164Wei\uFFA0', 'Wei'],
    ['a grapheme joiner', 'ro\u034Fot', 'root'],
    ['a Mongolian separator', 'ro\u180Eot', 'root'],
    ['annotation marks', '\uFFF9root\uFFFB', 'root'],
    ['a musical format character', 'ro\u{1D173}ot', 'root'],
  ])('T55: is shown without %s', (_, text, name) => expect(cleanName(text)).toBe(name));

  it.each(['\u200B\u2060', '\u3164', '\u2800\u2800', '\u202E', '\u0301', '\u{E0001}'])(
    'T55: of what nobody sees alone is none',
    (text) => expect(cleanName(text)).toBeUndefined(),
  );

  it.each([
    ['of a family', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
    ['of a couple with a heart', '\u{1F469}\u200D\u2764\uFE0F\u200D\u{1F468}'],
    ['of an astronaut with a color of skin', '\u{1F9D1}\u{1F3FD}\u200D\u{1F680}'],
    ['of the rainbow flag', '\u{1F3F3}\uFE0F\u200D\u{1F308}'],
    ['of Scotland’s flag', '\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
    ['of a keycap', '1\uFE0F\u20E3'],
    ['in Persian, with a joiner that separates', 'می\u200Cخواهم'],
    ['in Hindi, with a half form', 'क्\u200Dष'],
    ['in Bengali, with a joiner before the sign', 'র\u200D্য'],
    ['in Malayalam, with a joiner at the end', 'ന്\u200D'],
    ['in Mongolian, with a variant', 'ᠠ\u180B'],
    ['in Japanese, with a variant', '葛\u{E0100}城'],
    ['of a rare Han character', '\u{20BB7}野家'],
    ['in Chinese, with a middle dot', '阿凡提·买买提'],
  ])('%s stays as it is', (_, name) => expect(cleanName(name)).toBe(name));

  it('is cut between pictures, and no joiner is left over', () => {
    const family = '\u{1F468}\u200D\u{1F469}';
    expect(cleanName('a'.repeat(253) + family)).toBe(`${'a'.repeat(253)}\u{1F468}`);
  });

  it('is not changed a second time', () => {
    const parts = [
      'a',
      '张',
      '1',
      '\u200D',
      '\u200C',
      '\uFE0F',
      '\u{1F468}',
      '\u{1F3F4}',
      '\u{E0067}',
      '\u{E007F}',
      '\u202E',
      ' ',
      'ک',
      '\ud83d',
    ];
    for (let seed = 1; seed < 3000; seed++) {
      let rest = (seed * 2_654_435_761) % 4_294_967_296;
      let text = '';
      for (let length = 0; length < 8; length++) {
        text += parts[rest % parts.length];
        rest = Math.floor(rest / parts.length) + seed;
      }
      const once = cleanName(text);
      expect(cleanName(once)).toBe(once);
    }
  });

  it('loses its pictures and rare characters where a column holds none, and what belonged to them', () => {
    expect(withoutAstral('张伟\u{1F431}')).toBe('张伟');
    expect(withoutAstral('张\u{1F468}\u200D\u{1F469} 伟')).toBe('张 伟');
    expect(withoutAstral('\u{20BB7}')).toBeUndefined();
  });
});

describe('T56: the name of a system account', () => {
  it.each([
    'root',
    'Root ',
    'ADMIN',
    'Administrator',
    'super admin',
    'Super_Admin',
    'NocoBase',
    '【系统管理员】',
    '超级管理员',
    '管理员',
    'ｒｏｏｔ',
    'ⓡⓞⓞⓣ',
    'ádmin',
    'аdmin',
    'rοοt',
    'АDМIN',
    'ro\u3164ot',
    'r.o.o.t',
    'Администратор',
  ])('is %s', (name) => expect(isSystemName(name)).toBe(true));

  it.each(['张伟', 'Elihu Root', 'Adminah', '管理员小张', 'root2', 'Systema', '😀', '张管理', 'Mac Ro'])(
    'is not %s',
    (name) => expect(isSystemName(name)).toBe(false),
  );

  it('is also one that root was given', () => {
    expect(isSystemName('The Boss', ['the  boss'])).toBe(true);
    expect(isSystemName('The Boss', ['another'])).toBe(false);
  });

  it('is compared with names that have letters: two pictures do not read the same', () => {
    expect(readingOf('😀')).toBe('');
    expect(isSystemName('😀', ['🐱'])).toBe(false);
  });
});
