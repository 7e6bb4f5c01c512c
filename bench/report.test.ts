import { table, withTables } from './report';

const rows = [
  { name: 'floor', value: 1 },
  { name: 'a | b', value: 12345 },
];

it('a table is Markdown as Prettier lays it out', () => {
  const text = table(rows, { Name: ({ name }) => name, V: ({ value }) => value });
  expect(text).toBe(
    ['| Name   | V     |', '| ------ | ----- |', '| floor  | 1     |', '| a \\| b | 12345 |'].join('\n'),
  );
});

const marks = ['<!-- written by `npm run bench -- --write` -->', '<!-- end -->'];

it('new tables take the place of old ones, and nothing else', () => {
  const text = ['Before', marks[0], 'old', marks[1], 'After'].join('\n');
  expect(withTables(text, 'new')).toBe(['Before', marks[0], '', 'new', '', marks[1], 'After'].join('\n'));
  expect(withTables(withTables(text, 'other'), 'new')).toBe(withTables(text, 'new'));
  expect(() => withTables('Before, without marks', 'new')).toThrow('missing');
});
