/**
 * `npm run bench -- pages`: how long somebody waits between the approval in DingTalk and NocoBase's page, in a real browser,
 * over a slow line as well, beside the previous release, which loads NocoBase's pages twice.
 *
 * `--quick` takes one round. `--write` puts the tables into docs/performance.md.
 */
import { median } from 'simple-statistics';
import { packPlugin } from '../../dev/pack';
import { readPackageJson, ROOT } from '../../dev/paths';
import { FRESH } from '../../dev/template';
import { type Client, clients } from '../../testing/browser/clients';
import { hasPreviousVersion, packPreviousVersion, PREVIOUS } from '../../testing/browser/previous-version';
import { PluginManager } from '../../testing/browser/plugin-manager';
import { becomeAdministrator } from '../../testing/browser/settings-page';
import { Visitor } from '../../testing/browser/visitor';
import { type OwnWorld, startWorld, type World } from '../../testing/browser/world';
import type { Goal } from '../goals';
import { type Conditions, conditionsOf, goalsOf, one, publish, section, two } from '../report';
import { progress, quick, watchConditions } from '../run';
import { judge, type Row } from './goals';
import { type Line, Returning, type Waited } from './measure';

const ROUNDS = quick ? 1 : 3;

const SLOW: Line = { name: '250 kB/s, 400 ms', bytes: 250_000, latency: 400 };
const LINES: Line[] = [{ name: 'this machine', latency: 0 }, SLOW];

const plugin = readPackageJson(ROOT);
const { version } = plugin;
const [v1] = clients;

export async function main(): Promise<void> {
  const conditions = await watchConditions({});
  const archives = new Map([[version, await packPlugin(progress)]]);
  if (hasPreviousVersion()) {
    archives.set(PREVIOUS.version, await packPreviousVersion());
  }
  const rows: Row[] = [];
  // One NocoBase after the other would meet another machine; both at once wait for each other only when they are asked.
  const worlds = new Map<string, OwnWorld>();
  try {
    for (const [name, archive] of archives) {
      progress(`${name}: NocoBase starts`);
      worlds.set(name, await install(name, archive));
    }
    for (const client of clients) {
      rows.push(...(await measureClient(client, worlds)));
    }
  } finally {
    await Promise.all([...worlds.values()].map((world) => world.stop()));
  }
  const run = { ...conditions(), goals: judge(rows, version, SLOW.name), rows };
  progress(publish('bench-pages', 'npm run bench -- pages --write', run, tablesOf(run)));
  process.exit(0);
}

/** A NocoBase with all the plugins that it enables itself, to which an administrator uploaded ours. */
async function install(name: string, archive: string): Promise<OwnWorld> {
  const world = await startWorld(`bench-${name}`, undefined, { template: FRESH });
  const visitor = await Visitor.arriveForTheFirstTime(world, v1, 'en-US');
  await becomeAdministrator(visitor);
  const manager = new PluginManager(visitor);
  await manager.open();
  await manager.upload(archive, { ...plugin, version: name });
  await manager.open();
  await manager.enable(await manager.card('DingTalk', 'Authentication'), plugin);
  await visitor.leave();
  return world;
}

async function measureClient(client: Client, worlds: Map<string, World>): Promise<Row[]> {
  const found: { line: string; version: string; waited: Waited[] }[] = [];
  const people = new Map<string, Returning>();
  for (const [name, world] of worlds) {
    people.set(name, await Returning.arrive(world, world.browser, client));
  }
  for (const line of LINES) {
    const rounds = [...worlds.keys()].map((name) => ({ line: line.name, version: name, waited: [] as Waited[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { version: name, waited } of rounds) {
        waited.push(await (people.get(name) as Returning).wait(line));
        progress(`${client.client}, ${line.name}, ${name}: ${one(waited[round].approved)} s`);
      }
    }
    found.push(...rounds);
  }
  await Promise.all([...people.values()].map((one) => one.leave()));
  return found.map(({ waited, ...where }) => ({
    client: client.client,
    ...where,
    approved: median(waited.map(({ approved }) => approved)),
    exposed: median(waited.map(({ exposed }) => exposed)),
    opened: median(waited.map(({ opened }) => opened)),
  }));
}

/** The tables of a run, as they stand in docs/performance.md. */
const tablesOf = (run: Conditions & { goals: Goal[]; rows: Row[] }): string =>
  [
    conditionsOf(run),
    ...goalsOf(run.goals),
    ...section('From the approval to the page', run.rows, {
      Client: ({ client }) => client,
      Line: ({ line }) => line,
      Version: (row) => row.version,
      'From the approval to the page, s': ({ approved }) => one(approved),
      'Floor: the page alone, signed in, s': ({ opened }) => one(opened),
      'Floor = 1': ({ approved, opened }) => two(approved / opened),
      'Code or state in the address, s': ({ exposed }) => one(exposed),
    }),
  ].join('\n\n');
