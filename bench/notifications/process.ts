/** The process that is measured: a NocoBase with the plugin, a channel, and people who are linked to members. */
import { setTimeout } from 'node:timers/promises';
import { freshRow } from '../../testing/directory/company';
import { MiB, measured } from '../../testing/memory';
import { createDatabase, type Dialect } from '../../testing/nocobase/databases';
import { CLIENT_ID, startNocoBase } from '../../testing/nocobase/nocobase';
import { requireAuthenticator } from '../../src/server/configuration/authenticators';
import { addMembers } from '../../src/server/directory/store/members';
import { backgroundContext } from '../../src/server/http/background';
import { findReceivers } from '../../src/server/notifications/receivers';
import type { Asked } from '../asked-process';

/** Somebody in DingTalk. */
interface Person {
  unionId: string;
  userid: string;
}

export interface Cost {
  seconds: number;
  /** SQL statements. */
  statements: number;
  /** MiB by which the process grew meanwhile, at the most. */
  memory: number;
  /** What NocoBase's log says of each message. */
  answers: { status: string; reason?: string }[];
}

/** What the measured process is asked, and what it answers. */
export interface Questions {
  /** Ends the process. */
  stop: { asked: null; answer: null };
  /** Makes a linked user of each, whom a source has read. */
  prepare: { asked: Person[]; answer: null };
  /** Sends so many messages, one after the other, to as many people each. */
  send: { asked: { messages: number; people: number }; answer: Cost };
  /** How many statements it takes to look up so many. */
  lookUp: { asked: number; answer: number };
}

interface Manager {
  send(params: object): Promise<{ status: string; reason?: string }>;
}

/** The calls of a message are counted when it has been told: the statements for it are its own, not those of the next. */
const AFTERWARDS_MS = 300;

async function main() {
  const [, , dialect, corpId, agentId] = process.argv;
  const database = await createDatabase(dialect as Dialect, undefined, 'bench');
  const nocobase = await startNocoBase(dialect as Dialect, { on: database, plugins: ['notification-manager'] });
  const { app, db } = nocobase;
  await nocobase.addAuthenticator('dingtalk', { corpId, agentId });
  const options = { authenticator: 'dingtalk', address: 'https://nocobase.example' };
  await db
    .getRepository('notificationChannels')
    .create({ values: { name: 'ding', title: 'DingTalk', notificationType: 'dingtalk', options } });
  const manager = app.pm.get('notification-manager') as unknown as Manager;

  let statements = 0;
  // Sequelize's types keep its options to themselves.
  const { options: ofDatabase } = db.sequelize as unknown as { options: { logging: () => void } };
  ofDatabase.logging = () => void (statements += 1);
  let ids: string[] = [];

  const answers: { [Q in keyof Questions]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']> } = {
    stop: async () => {
      await nocobase.stop();
      await database.drop();
      process.exit();
    },
    prepare: async (people) => {
      await db.getModel('dingtalkSources').create({ sourceId: 1, corpId, clientId: CLIENT_ID });
      const run = { sourceId: 1, trigger: 'schedule', outcome: 'success', began: Date.now() };
      await db.getModel('dingtalkRuns').create(run);
      const users = await db.getModel('users').bulkCreate(
        people.map(({ userid }) => ({ username: userid.replace(/\W/g, ''), nickname: userid })),
        {
          hooks: false,
        },
      );
      const found = await db
        .getModel('users')
        .findAll({ where: { username: users.map((user) => user.get('username')) }, order: ['id'] });
      ids = found.map((user) => String(user.get('id')));
      await db.getModel('usersAuthenticators').bulkCreate(
        people.map(({ unionId }, index) => ({
          authenticator: 'dingtalk',
          userId: ids[index],
          uuid: unionId,
          nickname: '',
          meta: { unionId },
        })),
      );
      await addMembers(
        db,
        '1',
        people.map((person, index) => ({ ...person, name: '', userId: ids[index], ...freshRow() })),
      );
      return null;
    },
    send: async ({ messages, people }) => {
      const got: Cost['answers'] = [];
      statements = 0;
      const { ms, grownBy } = await measured(async () => {
        for (let message = 0; message < messages; message++) {
          const receivers = ids.slice(message * people, (message + 1) * people).map(Number);
          const content = { type: 'markdown', title: 'T', text: 'A message with [a link](/admin)' };
          const { status, reason } = await manager.send({
            channelName: 'ding',
            message: { content, receivers },
            triggerFrom: 'bench',
          });
          got.push({ status, reason });
        }
      });
      await setTimeout(AFTERWARDS_MS);
      return { seconds: ms / 1000, statements, memory: grownBy / MiB, answers: got };
    },
    lookUp: async (people) => {
      const authenticator = await requireAuthenticator(backgroundContext(app), 'dingtalk');
      statements = 0;
      await findReceivers(db, authenticator, authenticator.settings, ids.slice(0, people));
      return statements;
    },
  };

  // Whoever asked is gone: so is the database.
  process.once('disconnect', () => void answers.stop(null));
  process.on('message', ({ question, asked }: Asked) => {
    void answers[question as keyof Questions](asked as never).then((answer) => process.send?.(answer), fail);
  });
  process.send?.(null);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
