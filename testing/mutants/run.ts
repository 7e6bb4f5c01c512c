import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { transform } from 'esbuild';
import { ROOT, STATE } from '../../dev/paths';
import { endAll, prepareJest, runJest } from './jest-run';
import {
  faultsOf,
  type Killer,
  type Lane,
  LANES,
  laneOf,
  laneOfMutant,
  type Mutant,
  mutated,
  readMutants,
} from './mutant';
import { copyTree } from './tree';

/** How long a run of a lane may take before it is ended: a browser test builds the plugin and starts a server first. */
const MINUTES: Record<Lane, number> = { unit: 2, server: 5, browser: 15, long: 30 };

const USAGE = `npm run test:mutants -- [options] [id…]

  id                 mutants to try, or beginnings of their ids; default: all
  --exact            take the ids as they are, not as beginnings
  --lane <lane>      only mutants that tests of this lane kill: ${LANES.join(', ')}
  --no-control       do not run the named tests without a mutant first
  --list <file>      another list; for a tree whose files stand elsewhere
  --tree <folder>    another working tree, in which mutants are put without a copy
  --help`;

interface Result {
  mutant: Mutant;
  /** The test that failed, or what kept it from being seen. */
  killedBy?: string;
  error?: string;
  seconds: number;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      exact: { type: 'boolean' },
      lane: { type: 'string' },
      control: { type: 'boolean', default: true },
      list: { type: 'string' },
      tree: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    print(USAGE);
    return true;
  }
  const tree = values.tree ? path.resolve(values.tree) : path.join(STATE, 'mutants');
  if (!values.tree) {
    copyTree(ROOT, tree);
  }
  const all = readMutants(values.list);
  const faults = faultsOf(all, (file) => readIfThere(path.join(tree, file)));
  if (faults.length) {
    faults.forEach(print);
    return false;
  }
  const chosen = all
    .filter(
      ({ id }) =>
        !positionals.length || positionals.some((wanted) => (values.exact ? id === wanted : id.startsWith(wanted))),
    )
    .filter((mutant) => !values.lane || laneOfMutant(mutant) === values.lane)
    .sort((one, other) => LANES.indexOf(laneOfMutant(one)) - LANES.indexOf(laneOfMutant(other)));
  if (!chosen.length) {
    print('No mutant has such an id.');
    return false;
  }
  prepareJest(tree);
  if (values.control && !(await passWithoutMutant(tree, chosen))) {
    return false;
  }
  return report(await tryAll(tree, chosen));
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

/** A test that fails anyway kills nothing. */
async function passWithoutMutant(tree: string, mutants: Mutant[]): Promise<boolean> {
  let good = true;
  for (const killer of killersByFile(mutants)) {
    const { failed, error } = await runJest(tree, killer, MINUTES[laneOf(killer)]);
    print(
      `without a mutant · ${killer.file} · ${error ?? (failed.length ? `FAILED: ${failed.join('; ')}` : 'passed')}`,
    );
    good &&= !error && !failed.length;
  }
  return good;
}

/** Each test file once, with the names that any of the mutants asks for. */
function killersByFile(mutants: Mutant[]): Killer[] {
  const names = new Map<string, Set<string | undefined>>();
  for (const { file, name } of mutants.flatMap(({ tests }) => tests)) {
    names.set(file, (names.get(file) ?? new Set()).add(name));
  }
  return [...names].map(([file, wanted]) => ({
    file,
    name: wanted.has(undefined) ? undefined : [...wanted].map((name) => `(${name})`).join('|'),
  }));
}

async function tryAll(tree: string, mutants: Mutant[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const mutant of mutants) {
    const began = performance.now();
    const outcome = await tryOne(tree, mutant);
    const seconds = Math.round((performance.now() - began) / 1000);
    results.push({ mutant, ...outcome, seconds });
    const told = outcome.killedBy ?? (outcome.error ? `ERROR: ${outcome.error}` : 'SURVIVED');
    print(`${mutant.id} · ${mutant.what} · ${told} · ${seconds} s`);
  }
  return results;
}

async function tryOne(tree: string, mutant: Mutant): Promise<Pick<Result, 'killedBy' | 'error'>> {
  const file = path.join(tree, mutant.file);
  const source = fs.readFileSync(file, 'utf8');
  const changed = mutated(source, mutant);
  const syntax = await syntaxErrorOf(mutant.file, changed);
  if (syntax) {
    return { error: `the mutant is no code: ${syntax}` };
  }
  const restore = () => fs.writeFileSync(file, source);
  process.once('exit', restore);
  try {
    fs.writeFileSync(file, changed);
    for (const killer of mutant.tests) {
      const { failed, error } = await runJest(tree, killer, MINUTES[laneOf(killer)]);
      if (error) {
        return { error: `${killer.file}: ${error}` };
      }
      if (failed.length) {
        return { killedBy: `${killer.file} › ${failed[0]}` };
      }
    }
    return {};
  } finally {
    restore();
    process.off('exit', restore);
  }
}

async function syntaxErrorOf(file: string, source: string): Promise<string | undefined> {
  const loader = path.extname(file).slice(1) as 'ts' | 'tsx' | 'json';
  return transform(source, { loader, jsx: 'automatic', logLevel: 'silent' }).then(
    () => undefined,
    (error: Error) => error.message.split('\n')[1],
  );
}

function report(results: Result[]): boolean {
  const survived = results.filter(({ killedBy, error }) => !killedBy && !error);
  const errors = results.filter(({ error }) => error);
  print('\n| Mutant | What is gone | Killed by | Seconds |\n| --- | --- | --- | ---: |');
  for (const { mutant, killedBy, error, seconds } of results) {
    print(
      `| ${mutant.id} | ${mutant.what} | ${killedBy ?? (error ? `ERROR: ${error}` : '**SURVIVED**')} | ${seconds} |`,
    );
  }
  print(`\n${results.length - survived.length - errors.length} of ${results.length} killed.`);
  survived.forEach(({ mutant }) => print(`SURVIVED ${mutant.id}`));
  errors.forEach(({ mutant, error }) => print(`ERROR ${mutant.id}: ${error}`));
  return !survived.length && !errors.length;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => process.exit(1));
}
process.on('exit', endAll);

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error) => {
    print(String(error.stack));
    process.exit(1);
  },
);
