import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median } from 'simple-statistics';
import { type Emulator, startEmulator } from '../../emulator';
import type { Dialect } from '../../testing/nocobase/databases';
import { AskedProcess } from '../asked-process';
import { hostsAt } from '../measured-server';
import { callsFor, type Changes, changesFor, companyOf, Life, type Size } from './company';
import { hostRecordsOf } from './host-writer';
import { environmentOf } from '../environment';
import { busiestSecond } from './pace';
import type { Cost, Questions, RunCost } from './process';
import { WATCHED } from './tally';

export type Kind = 'first' | 'unchanged' | '1 % changed' | 'unchanged, paced';

/** What a run took: of several of one kind, the median of each figure, and the most of its memory and calls. */
export interface Row extends Size {
  database: Dialect;
  kind: Kind;
  runs: number;
  calls: number;
  /** Calls more than reading it all takes. */
  extraCalls: number;
  seconds: number;
  /** Of these, until the directory was read. */
  read: number;
  cpu: number;
  statements: number;
  /** Writes to tables of NocoBase itself. */
  writes: number;
  memory: number;
  /** Members and departments that were written. */
  written: number;
  /** Calls of one endpoint within one second, at the most. */
  busiest: number;
}

/** What is measured beside it, in the same process or in one like it. */
export interface Beside extends Size {
  database: Dialect;
  what: string;
  /** How many records of those it is about. */
  count: number;
  seconds: number;
  cpu: number;
  statements: number;
  memory: number;
}

export interface Plan {
  /** Of unchanged runs, and of those with changes. */
  rounds: number;
  /** Whether one unchanged run is paced as with DingTalk. */
  paced: boolean;
  /** How many users NocoBase creates for the floor. */
  floor: number;
}

/** Of users alone: departments are few. */
const doneOf = ({ counts }: RunCost): number =>
  Object.entries(counts).reduce((sum, [action, count]) => (isWritten(action) ? sum + count : sum), 0);

const isWritten = (action: string) => ['created', 'updated', 'detached', 'removed', 'bound'].includes(action);

const NOTHING: Changes = { renamed: 0, moved: 0, hired: 0, left: 0 };

/** One run. */
interface Measured {
  cost: RunCost;
  calls: number;
  extraCalls: number;
  busiest: number;
}

/** One database, and one company. */
export class Measurement {
  private constructor(
    private readonly database: Dialect,
    private readonly size: Size,
    private readonly dingtalk: Emulator,
    private readonly nocobase: AskedProcess<Questions, null>,
  ) {}

  /** In an emulator and a NocoBase of its own, both of which are gone afterwards. */
  static async with<T>(database: Dialect, size: Size, work: (measurement: Measurement) => Promise<T>): Promise<T> {
    const dingtalk = await startEmulator({ data: companyOf(size) });
    const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-storage-'));
    try {
      const nocobase = await AskedProcess.start<Questions, null>(path.join(__dirname, 'process.ts'), {
        args: [database, dingtalk.data.organizations[0].corpId],
        env: { ...hostsAt(dingtalk.url), ...environmentOf(storage) },
      });
      try {
        return await work(new Measurement(database, size, dingtalk, nocobase));
      } finally {
        await nocobase.stop();
      }
    } finally {
      await dingtalk.close();
      fs.rmSync(storage, { recursive: true, force: true });
    }
  }

  async floor(count: number): Promise<Beside[]> {
    const departments = [1, ...this.dingtalk.data.departments.map(({ dept_id }) => dept_id)];
    const { members, ...read } = await this.nocobase.ask('readBare', departments);
    if (members !== this.size.people) {
      throw new Error(`${members} of ${this.size.people} members were read`);
    }
    const created = await this.nocobase.ask('createUsers', count);
    return [
      this.beside('the calls to DingTalk, bare', members, read),
      this.beside('`users.create` of NocoBase alone', count, created),
    ];
  }

  /** The first run, then runs of a company in which nothing happens, or a little. */
  async *runs({ rounds, paced }: Plan): AsyncGenerator<Row> {
    yield this.row('first', [await this.run()]);
    const unchanged: Measured[] = [];
    const changed: Measured[] = [];
    const life = new Life(this.dingtalk);
    const changes = changesFor(this.size.people);
    for (let round = 0; round < rounds; round++) {
      unchanged.push(await this.run({ changes: NOTHING }));
      life.goOn(changes);
      changed.push(await this.run({ changes }));
    }
    yield this.row('unchanged', unchanged);
    yield this.row('1 % changed', changed);
    if (paced) {
      this.dingtalk.data.settings.maxPerSecond = 20;
      yield this.row('unchanged, paced', [await this.run({ paced, changes: NOTHING })]);
      this.dingtalk.data.settings.maxPerSecond = 0;
    }
  }

  private async run({ paced = false, changes }: { paced?: boolean; changes?: Changes } = {}): Promise<Measured> {
    const from = this.dingtalk.calls.length;
    const cost = await this.nocobase.ask('run', { paced });
    const calls = this.dingtalk.calls.slice(from);
    requireChanges(cost, changes);
    return {
      cost,
      calls: calls.length,
      extraCalls: calls.filter(({ path: at }) => !isToken(at)).length - callsFor(this.dingtalk.data, changes?.left),
      busiest: busiestSecond(calls),
    };
  }

  private row(kind: Kind, runs: Measured[]): Row {
    const middle = (value: (cost: RunCost) => number) => median(runs.map(({ cost }) => value(cost)));
    const most = (value: (run: Measured) => number) => Math.max(...runs.map(value));
    return {
      database: this.database,
      ...this.size,
      kind,
      runs: runs.length,
      calls: most(({ calls }) => calls),
      extraCalls: most(({ extraCalls }) => extraCalls),
      seconds: middle(({ seconds }) => seconds),
      read: middle(({ read }) => read),
      cpu: middle(({ cpu }) => cpu),
      statements: middle(({ statements }) => statements),
      writes: most(({ cost: { writes } }) => WATCHED.reduce((sum, table) => sum + writes[table], 0)),
      memory: most(({ cost }) => cost.memory),
      written: middle(doneOf),
      busiest: most(({ busiest }) => busiest),
    };
  }

  /** NocoBase's own writer: the same people, without any of ours. */
  async host(): Promise<Beside[]> {
    const { departments, users } = hostRecordsOf(this.dingtalk.data);
    const write = (records: Questions['writeByHost']['asked']) => this.nocobase.ask('writeByHost', records);
    return [
      this.beside('NocoBase’s own writer, departments, first', departments.length, await write({ departments })),
      this.beside('NocoBase’s own writer, people, first', users.length, await write({ users })),
      this.beside('NocoBase’s own writer, people, unchanged', users.length, await write({ users })),
    ];
  }

  private beside(what: string, count: number, { seconds, cpu, statements, memory }: Cost): Beside {
    return { database: this.database, ...this.size, what, count, seconds, cpu, statements, memory };
  }
}

const isToken = (at: string) => at.endsWith('/accessToken');

/** A run that did something else than it should would be measured for nothing. */
function requireChanges({ counts }: RunCost, changes: Changes | undefined): void {
  const expected = changes && {
    created: changes.hired,
    updated: changes.renamed + changes.moved,
    detached: changes.left,
  };
  for (const [action, count] of Object.entries(expected ?? { failed: 0 })) {
    if (counts[action as keyof typeof counts] !== count) {
      throw new Error(`${action}: ${count} were expected, not ${JSON.stringify(counts)}`);
    }
  }
}
