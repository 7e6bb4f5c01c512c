interface Test {
  path: string;
  context: { config: { displayName: { name: string } }; hasteFS: { getSize(path: string): number } };
}

const LaneSequencer = jest.requireActual<new () => { sort(tests: Test[]): Test[] }>('./lane-sequencer');
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

it('the order is by lane and size, and beside a browser file runs one of another lane', () => {
  const tests = [file('unit', 9), file('server', 1), file('browser', 1), file('server', 2), file('browser', 2)];
  const ordered = new LaneSequencer().sort([...tests, file('browser', 3)]).map(({ path }) => path);
  expect(ordered).toEqual(['browser-3', 'server-2', 'browser-2', 'server-1', 'browser-1', 'unit-9']);
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
