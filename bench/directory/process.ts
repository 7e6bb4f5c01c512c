/** The process that is measured: a NocoBase with the plugin, departments, and a source that reads the emulator. */
import { performance } from 'node:perf_hooks';
import type { Model } from '@nocobase/database';
import { MiB, measured } from '../../testing/memory';
import { createDatabase, type Dialect } from '../../testing/nocobase/databases';
import { CLIENT_ID, startNocoBase } from '../../testing/nocobase/nocobase';
import { CALLS_PER_SECOND } from '../../src/server/dingtalk/pace';
import { paceOf } from '../../src/server/directory/read/reader';
import type { Progress } from '../../src/server/directory/prepare';
import { runDirectory } from '../../src/server/directory/run';
import { loadSource } from '../../src/server/directory/source';
import { SOURCE_TYPE } from '../../src/shared/constants';
import type { Counts } from '../../src/shared/directory';
import type { Asked } from '../asked-process';
import { createUsers, readBare, removeUsers } from './floor';
import { type HostRecords, writeByHost } from './host-writer';
import { Tally, type Watched } from './tally';

/** What some work took of this process and the database. */
export interface Cost {
  seconds: number;
  /** Seconds of processor time. */
  cpu: number;
  /** SQL statements. */
  statements: number;
  /** Statements that write to these tables of NocoBase. */
  writes: Record<Watched, number>;
  /** MiB by which the process grew meanwhile, at the most. */
  memory: number;
}

export interface RunCost extends Cost {
  /** Seconds until the directory was read, and until the first change was about to be written, if there was one. */
  read: number;
  counts: Counts;
}

/** What the measured process is asked, and what it answers. */
export interface Questions {
  /** Ends the process. */
  stop: { asked: null; answer: null };
  /** Runs the source. */
  run: { asked: { paced: boolean }; answer: RunCost };
  /** Reads the directory as bare as it can be; `members` says whether it was all. */
  readBare: { asked: number[]; answer: Cost & { members: number } };
  /** Creates so many users as NocoBase does it, and nothing besides; they are gone afterwards. */
  createUsers: { asked: number; answer: Cost };
  /** Hands some of it to NocoBase's own writer. */
  writeByHost: { asked: Partial<HostRecords>; answer: Cost & { written: number } };
}

async function main() {
  const database = await createDatabase(process.argv[2] as Dialect, undefined, 'bench');
  const plugins = ['collection-tree', 'departments', 'user-data-sync'];
  const nocobase = await startNocoBase(process.argv[2] as Dialect, { on: database, plugins });
  const { app, db } = nocobase;
  await nocobase.addAuthenticator('dingtalk', { corpId: process.argv[3] });
  const values = { name: 'dingtalk', sourceType: SOURCE_TYPE, enabled: true };
  const options = { authenticator: 'dingtalk', schedule: null, events: 'off' } as const;
  const source: Model = await db.getRepository('userDataSyncSources').create({ values: { ...values, options } });

  const tally = new Tally();
  // Sequelize's types keep its options to themselves.
  const { options: ofDatabase } = db.sequelize as unknown as { options: { logging: (statement: string) => void } };
  ofDatabase.logging = (statement) => tally.add(statement);

  const answers: { [Q in keyof Questions]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']> } = {
    stop: async () => {
      await nocobase.stop();
      await database.drop();
      process.exit();
    },
    run: async ({ paced }) => {
      paceOf(CLIENT_ID).setRate(paced ? CALLS_PER_SECOND : Infinity);
      const { signal } = new AbortController();
      const began = performance.now();
      let read = 0;
      const progress = ({ step }: Progress) => {
        read = step === 'reading' ? (performance.now() - began) / 1000 : read;
      };
      const { result, ...cost } = await costOf(tally, async () =>
        runDirectory(app, await loadSource(app, String(source.get('id'))), { trigger: 'manual', signal, progress }),
      );
      return { ...cost, read, counts: result.counts };
    },
    readBare: async (departments) => {
      const { result: members, ...cost } = await costOf(tally, () => readBare(departments));
      return { ...cost, members };
    },
    createUsers: async (count) => {
      const { result: users, ...cost } = await costOf(tally, () => createUsers(db, count));
      await removeUsers(db, users);
      return cost;
    },
    writeByHost: async ({ departments = [], users = [] }) => {
      const { result: written, ...cost } = await costOf(tally, async () => {
        await writeByHost(app, 'department', departments);
        await writeByHost(app, 'user', users);
        return departments.length + users.length;
      });
      return { ...cost, written };
    },
  };

  // Whoever asked is gone: so is the database.
  process.once('disconnect', () => {
    isAbandoned = true;
    void answers.stop(null);
  });
  if (!process.connected) {
    await answers.stop(null);
  }
  process.on('message', ({ question, asked }: Asked) => {
    void answers[question as keyof Questions](asked as never).then((answer) => process.send?.(answer), fail);
  });
  process.send?.(null);
}

async function costOf<T>(tally: Tally, work: () => Promise<T>): Promise<Cost & { result: T }> {
  tally.take();
  const before = process.cpuUsage();
  const { result, ms, grownBy } = await measured(work);
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: ms / 1000, cpu: (user + system) / 1e6, memory: grownBy / MiB, ...tally.take() };
}

/** The work that was under way when the one who asked went away fails, and must not keep the database from being dropped. */
let isAbandoned = false;

function fail(error: unknown): void {
  if (isAbandoned) {
    return;
  }
  console.error(error);
  process.exit(1);
}

main().catch(fail);
