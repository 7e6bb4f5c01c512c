/** The process that is measured: a NocoBase with the plugin, and beside it the least that a sign-in can cost. */
import { performance } from 'node:perf_hooks';
import { AUTH_TYPE } from '../src/shared/constants';
import { atATime } from '../testing/nocobase/at-a-time';
import { type Dialect } from '../testing/nocobase/databases';
import { startNocoBase } from '../testing/nocobase/nocobase';
import type { Asked } from './asked-process';
import { askDingTalkBare, registerFloor } from './floor';

export interface Started {
  url: string;
  /** ID of the user whom the floor signs in. */
  userId: number;
  /** What somebody with a password enters. */
  password: { account: string; password: string };
  /** Name of the database, on PostgreSQL. */
  database: string;
}

/** What the measured process is asked, and what it answers. */
export interface Questions {
  /** Ends the process. */
  stop: { asked: null; answer: null };
  /** Collects garbage, so that a batch begins without what others left. */
  collect: { asked: null; answer: { /** MiB in use. */ heap: number } };
  stats: {
    asked: null;
    answer: {
      /** Milliseconds of processor time since the start. */
      cpu: number;
      /** SQL statements since the start. */
      statements: number;
    };
  };
  /** The statements since this was asked for the last time. */
  statements: { asked: null; answer: string[] };
  /** Makes users with these phone numbers, and the role that new users have. */
  addUsers: { asked: string[]; answer: null };
  /** Makes the two calls of a sign-in for each code, and nothing else. */
  bareCalls: {
    asked: { codes: string[]; limit: number };
    answer: {
      /** Milliseconds, one for each code. */
      times: number[];
      /** Milliseconds of processor time for each code. */
      cpu: number;
    };
  };
}

async function main() {
  const nocobase = await startNocoBase(process.argv[2] as Dialect);
  const { app, db } = nocobase;
  registerFloor(app);
  const dingtalk = { authType: AUTH_TYPE, autoSignup: true };
  await nocobase.addAuthenticator('floor', { authType: 'floor' });
  await nocobase.addAuthenticator('dingtalk', dingtalk);
  await nocobase.addAuthenticator('inside', { ...dingtalk, autoSignIn: true, corpId: process.argv[3] });
  const user = await nocobase.addUser({ nickname: 'Floor' });
  const password = { account: 'with-password', password: 'Correct-horse-7' };
  await nocobase.addUser({ nickname: 'Password', username: password.account, password: password.password });

  let statements = 0;
  let kept: string[] = [];
  // Sequelize's types keep its options to themselves.
  const { options } = db.sequelize as unknown as { options: { logging: (statement: string) => void } };
  options.logging = (statement) => {
    statements += 1;
    if (kept.push(statement) > 1000) {
      kept = [];
    }
  };

  const answers: { [Q in keyof Questions]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']> } = {
    stop: async () => {
      await nocobase.stop();
      process.exit();
    },
    collect: async () => {
      global.gc?.();
      return { heap: process.memoryUsage().heapUsed / 2 ** 20 };
    },
    stats: async () => ({ cpu: processorTime(), statements }),
    statements: async () => kept.splice(0),
    addUsers: async (phones) => {
      const users = await db.getModel('users').bulkCreate(phones.map((phone) => ({ nickname: phone, phone })));
      const roles = users.map((each) => ({ userId: each.get('id'), roleName: 'member' }));
      await db.getModel('rolesUsers').bulkCreate(roles);
      return null;
    },
    bareCalls: async ({ codes, limit }) => {
      const before = processorTime();
      const times = await atATime(limit, codes, async (code) => {
        const began = performance.now();
        await askDingTalkBare(code);
        return performance.now() - began;
      });
      return { times, cpu: (processorTime() - before) / codes.length };
    },
  };

  // Whoever asked is gone: so is the database.
  process.once('disconnect', () => answers.stop(null));
  process.on('message', async ({ question, asked }: Asked) => {
    process.send?.(await answers[question as keyof Questions](asked as never));
  });
  const started: Started = {
    url: nocobase.url,
    userId: Number(user.get('id')),
    password,
    database: String(db.sequelize.config.database),
  };
  process.send?.(started);
}

/** Milliseconds since the start. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
