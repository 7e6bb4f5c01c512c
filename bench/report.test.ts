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
const others = ['<!-- written by `npm run bench -- sync --write` -->', 'other', '<!-- end -->'];
const write = (text: string, tables: string) => withTables(text, 'npm run bench -- --write', tables);

it('new tables take the place of old ones, and nothing else', () => {
  const text = ['Before', marks[0], 'old', marks[1], 'After', ...others].join('\n');
  expect(write(text, 'new')).toBe(['Before', marks[0], '', 'new', '', marks[1], 'After', ...others].join('\n'));
  expect(write(write(text, 'other'), 'new')).toBe(write(text, 'new'));
  expect(withTables(text, 'npm run bench -- sync --write', 'new')).toMatch(/old[^]*After[^]*\nnew\n/);
  expect(() => write('Before, without marks', 'new')).toThrow('missing');
  expect(() => write(marks[0], 'new')).toThrow('missing');
});
