import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

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

it('what a push does once is done in all ways in the long lane', () => {
  expect(helpersIn(false).onceOfAll('mysql', ['postgres', 'mysql'])).toEqual(['mysql']);
  expect(helpersIn(true).onceOfAll('mysql', ['postgres', 'mysql'])).toEqual(['postgres', 'mysql']);
});

interface Project {
  displayName: string;
  rootDir: string;
  testMatch: string[];
  globals?: object;
}

describe('the long lane', () => {
  const { projects } = jest.requireActual<{ projects: Project[] }>('../jest.config');
  const long = projects.filter(({ displayName }) => displayName === 'long');

  it('leaves nothing out of the files that it runs', () => {
    expect(long.map(({ globals }) => globals)).toEqual(long.map(() => expect.objectContaining({ isLongLane: true })));
  });

  it('runs the files of the browser lane that leave something out', () => {
    expect(long).toContainEqual(expect.objectContaining({ testMatch: ['**/e2e/*.browser.test.ts'] }));
  });

  it('runs the files of the server lane that leave out a database, and no others', () => {
    const leavingOut = readdirSync('src/server', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.server.test.ts'))
      .map((name) => path.resolve('src/server', name))
      .filter((file) => readFileSync(file, 'utf8').includes('describeOnSqliteAnd('));
    const named = long
      .flatMap(({ testMatch, rootDir }) => testMatch.map((pattern) => pattern.replace('<rootDir>', rootDir)))
      .filter((pattern) => /\/src\/server\/.*\.server\.test\.ts$/.test(pattern));
    expect(named.sort()).toEqual(leavingOut.sort());
  });
});
