import type { Entry } from '../../shared/directory';
import { cellOf, toCsv } from './reports';

const entry: Entry = { kind: 'member', id: 'u1', name: 'Ada', action: 'updated', userId: '7', fields: ['nickname'] };

describe('a report as a table', () => {
  it('begins with a byte order mark, has a line of names, and CR LF', () => {
    expect(toCsv([entry], String)).toBe(
      '\uFEFFkind,id,name,action,reason,userId,fields,joined,left,waysIn,notes\r\n' +
        'member,u1,Ada,updated,,7,nickname,,,,\r\n',
    );
  });

  it.each([
    ['=HYPERLINK("https://evil.example","x")', '"\'=HYPERLINK(""https://evil.example"",""x"")"'],
    ['+1+1', "'+1+1"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    [' =1', "' =1"],
    ['\u200b=1', "'\u200b=1"],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
    ['张伟', '张伟'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['', ''],
  ])('T74: makes the cell %j harmless: %j', (value, cell) => {
    expect(cellOf(value)).toBe(cell);
  });

  it('says the reasons as sentences', () => {
    const open: Entry = { ...entry, action: 'open', reason: 'PHONE_SHARED', notes: ['PHONE_TAKEN', 'EMAIL_TAKEN'] };
    expect(toCsv([open], (code) => `<${code}>`)).toContain('open,<PHONE_SHARED>,7,');
    expect(toCsv([open], (code) => `<${code}>`)).toContain('"<PHONE_TAKEN>; <EMAIL_TAKEN>"');
  });
});
