import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** A test that must fail while a mutant is in place. */
export interface Killer {
  /** Path of a test file from the root of the project. */
  file: string;
  /** A pattern as `jest -t` takes it; without one, all tests of the file run. */
  name?: string;
}

/** One protection that is taken out of `src/`, or turned round. */
export interface Mutant {
  /** Stays the same wherever the code goes. */
  id: string;
  /** Which protection is gone. */
  what: string;
  /** Path of a source file from the root of the project. */
  file: string;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
  /** Each of them is tried until one kills. */
  tests: Killer[];
}

export const LANES = ['unit', 'server', 'browser', 'long'] as const;
export type Lane = (typeof LANES)[number];

/** The lane is in the name of a test file; a file that names none is of the unit lane. */
export const laneOf = ({ file }: Killer): Lane =>
  (/\.(server|browser|long)\.test\.tsx?$/.exec(file)?.[1] as Lane | undefined) ?? 'unit';

/** The dearest lane that a mutant needs. */
export const laneOfMutant = ({ tests }: Mutant): Lane =>
  LANES[Math.max(0, ...tests.map((test) => LANES.indexOf(laneOf(test))))];

export function readMutants(file = path.join(__dirname, 'mutants.json')): Mutant[] {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What is wrong with the list itself: a mutant that is not where the list says proves nothing. */
export function faultsOf(mutants: Mutant[], read: (file: string) => string | undefined): string[] {
  const ids = mutants.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: the id stands there twice`);
  return [...twice, ...mutants.flatMap((mutant) => faultsOfOne(mutant, read).map((fault) => `${mutant.id}: ${fault}`))];
}

function faultsOfOne({ file, find, replace, tests }: Mutant, read: (file: string) => string | undefined): string[] {
  const source = read(file);
  const times = source === undefined || !find ? 0 : source.split(find).length - 1;
  const missing = tests.filter((test) => read(test.file) === undefined).map((test) => `there is no ${test.file}`);
  return [
    ...(times === 1 ? [] : [`\`find\` occurs ${times} times in ${file}`]),
    ...(find === replace ? ['it changes nothing'] : []),
    ...(tests.length ? missing : ['it names no test']),
  ];
}

/** The source with the mutant in place. Not `String.replace`, to which `$&` in a replacement means something else. */
export const mutated = (source: string, { find, replace }: Mutant): string => source.split(find).join(replace);
