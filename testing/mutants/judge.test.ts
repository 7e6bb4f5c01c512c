import { judge } from './jest-run';
import { faultsOf, laneOfMutant, type Mutant, mutated } from './mutant';

const started = (...names: string[]) => new Set(names);
const test = (fullName: string, status: string) => ({
  fullName,
  status,
  failureMessages: status === 'failed' ? ['no'] : [],
});
const report = (...assertionResults: ReturnType<typeof test>[]) => ({
  testResults: [{ message: '', assertionResults }],
});

describe('judge', () => {
  it('a test that began and failed kills', () => {
    const outcome = judge(report(test('one', 'passed'), test('two', 'failed')), started('one', 'two'));
    expect(outcome).toEqual({ failed: ['two'], passed: 1 });
  });

  it('a test that passes lets the mutant survive', () => {
    expect(judge(report(test('one', 'passed')), started('one'))).toEqual({ failed: [], passed: 1 });
  });

  it('a test that failed before it began, by a beforeAll, is an error', () => {
    expect(judge(report(test('one', 'failed')), started()).error).toBe('no test began: no');
  });

  it('a file that cannot be loaded is an error', () => {
    const unloaded = { testResults: [{ message: 'Cannot find module', assertionResults: [] }] };
    expect(judge(unloaded, started()).error).toBe('no test began: Cannot find module');
  });

  it('a name that no test has is an error', () => {
    expect(judge(report(test('one', 'pending')), started()).error).toBe('no test began: none has such a name');
  });
});

describe('a list of mutants', () => {
  const mutant: Mutant = {
    id: 'a',
    what: 'A check.',
    file: 'a.ts',
    find: 'b',
    replace: 'c',
    tests: [{ file: 'a.test.ts' }],
  };
  const files: Record<string, string> = { 'a.ts': 'a b', 'a.test.ts': '' };
  const faults = (...mutants: Mutant[]) => faultsOf(mutants, (file) => files[file]);

  it('has no fault where every place is found once', () => {
    expect(faults(mutant)).toEqual([]);
  });

  it.each<[string, Partial<Mutant>, string]>([
    ['a place that is gone', { find: 'x' }, 'a: `find` occurs 0 times in a.ts'],
    ['a place that is there twice', { file: 'b.ts' }, 'a: `find` occurs 2 times in b.ts'],
    ['a file that is gone', { file: 'c.ts' }, 'a: `find` occurs 0 times in c.ts'],
    ['a change that is none', { replace: 'b' }, 'a: it changes nothing'],
    ['no test', { tests: [] }, 'a: it names no test'],
    ['a test file that is gone', { tests: [{ file: 'c.test.ts' }] }, 'a: there is no c.test.ts'],
  ])('has a fault: %s', (_, change, fault) => {
    files['b.ts'] = 'b b';
    expect(faults({ ...mutant, ...change })).toEqual([fault]);
  });

  it('has a fault: an id that stands there twice', () => {
    expect(faults(mutant, mutant)).toEqual(['a: the id stands there twice']);
  });

  it('replaces by the text itself, whatever it contains', () => {
    expect(mutated('a b', { ...mutant, replace: '$& $1' })).toBe('a $& $1');
  });

  it('a mutant belongs to the dearest lane of its tests', () => {
    const tests = [{ file: 'a.test.ts' }, { file: 'a.browser.test.ts' }, { file: 'a.server.test.ts' }];
    expect(laneOfMutant({ ...mutant, tests })).toBe('browser');
  });
});
