import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../../dev/paths';
import { faultsOf, readMutants } from './mutant';

it('every mutant finds its place in the source once, and its test files', () => {
  const read = (file: string) => {
    const absolute = path.join(ROOT, file);
    return fs.existsSync(absolute) ? fs.readFileSync(absolute, 'utf8') : undefined;
  };
  expect(faultsOf(readMutants(), read)).toEqual([]);
});
