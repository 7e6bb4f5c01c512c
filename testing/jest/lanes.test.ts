import { readdirSync } from 'node:fs';

interface Test {
  path: string;
  context: { config: { displayName: { name: string } }; hasteFS: { getSize(path: string): number } };
}

const LaneSequencer = jest.requireActual<{
  new (): { sort(tests: Test[]): Test[] };
  SECONDS: Record<string, number>;
}>('./lane-sequencer');
const LaneReporter = jest.requireActual<
  new (config: { testNamePattern?: string }) => {
    onTestResult(test: Test, result: object): void;
    getLastError(): Error | undefined;
  }
>('./lane-reporter');

const file = (lane: string, size: number): Test => ({
  path: `${lane}-${size}`,
  context: { config: { displayName: { name: lane } }, hasteFS: { getSize: () => size } },
});

const result = (status: string) => ({
  perfStats: { start: 0, end: 1 },
  testResults: [{ status, fullName: 'a test', duration: 1 }],
});

describe('the order', () => {
  const KB = 1024;
  const sorted = (...tests: Test[]) => new LaneSequencer().sort(tests).map(({ path }) => path);

  it('has the longest first, and beside a browser file one of another lane', () => {
    const tests = [file('unit', 90 * KB), file('server', 30 * KB), file('server', 2 * KB), file('browser', KB)];
    expect(sorted(...tests, file('browser', 2 * KB))).toEqual([
      'browser-2048',
      'server-30720',
      // The first worker is free after 20 seconds, the other one after 30.
      'browser-1024',
      'unit-92160',
      'server-2048',
    ]);
  });

  it('leaves no file out where only browser files are left', () => {
    expect(sorted(file('browser', 1), file('browser', 3), file('server', 1), file('browser', 2))).toHaveLength(4);
  });

  it('knows how long the browser files take, and no others', () => {
    const files = ['e2e', 'gallery'].flatMap((folder) =>
      readdirSync(folder).flatMap((name) => (name.endsWith('.browser.test.ts') ? `${folder}/${name}` : [])),
    );
    expect(Object.keys(LaneSequencer.SECONDS)).toEqual(files.sort());
  });
});

describe('a skipped test', () => {
  const CI = process.env.CI;
  afterEach(() => {
    process.env.CI = CI;
    if (CI === undefined) {
      delete process.env.CI;
    }
  });

  const afterSkipping = (config: { testNamePattern?: string } = {}) => {
    const reporter = new LaneReporter(config);
    reporter.onTestResult(file('server', 1), result('passed'));
    reporter.onTestResult(file('server', 2), result('pending'));
    return reporter.getLastError();
  };

  it('fails a run in CI', () => {
    process.env.CI = 'true';
    expect(afterSkipping()?.message).toContain('1 tests were skipped');
  });

  it('is allowed elsewhere, and where tests were chosen by name', () => {
    delete process.env.CI;
    expect(afterSkipping()).toBeUndefined();
    process.env.CI = 'true';
    expect(afterSkipping({ testNamePattern: 'rule 7' })).toBeUndefined();
  });
});
