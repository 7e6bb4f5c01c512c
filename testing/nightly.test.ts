const lane = globalThis as { isLongLane?: boolean };

/** The helpers as a file of this lane has them. */
function helpersIn(isLongLane: boolean): typeof import('./nightly') {
  lane.isLongLane = isLongLane;
  let helpers: typeof import('./nightly') | undefined;
  jest.isolateModules(() => {
    helpers = jest.requireActual<typeof import('./nightly')>('./nightly');
  });
  delete lane.isLongLane;
  return helpers as typeof import('./nightly');
}

const clients = [{ client: 'v1' }, { client: 'v2' }] as const;

/** The clients in which a test runs that is declared once for each of them. */
function runIn(isLongLane: boolean, pushed: 'inV1' | 'inV2'): string[] {
  const ran: string[] = [];
  for (const client of clients) {
    const test = helpersIn(isLongLane).inTurn(client, (name: string) => ran.push(`${name} in ${client.client}`));
    test[pushed]('signs in');
  }
  return ran;
}

describe('a test that holds in both clients', () => {
  it('runs with a push in the one that is named', () => {
    expect(runIn(false, 'inV1')).toEqual(['signs in in v1']);
    expect(runIn(false, 'inV2')).toEqual(['signs in in v2']);
  });

  it('runs in both in the long lane', () => {
    expect(runIn(true, 'inV2')).toEqual(['signs in in v1', 'signs in in v2']);
  });
});

it('the long lane runs the files of the browser lane that leave something out', () => {
  const { projects } = jest.requireActual<{
    projects: { displayName: string; testMatch: string[]; globals?: object }[];
  }>('../jest.config');
  expect(projects).toContainEqual(
    expect.objectContaining({
      displayName: 'long',
      testMatch: ['**/e2e/*.browser.test.ts'],
      globals: { isLongLane: true },
    }),
  );
});
