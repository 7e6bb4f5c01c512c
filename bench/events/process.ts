/** One node: a NocoBase with the plugin, departments, and a source that hears of changes in the emulator. */
import type { IDatabaseOptions } from '@nocobase/database';
import { CALLS_PER_SECOND } from '../../src/server/dingtalk/pace';
import { paceOf } from '../../src/server/directory/read/reader';
import { runDirectory } from '../../src/server/directory/run';
import { loadSource } from '../../src/server/directory/source';
import { addWaiting, removeAllWaiting } from '../../src/server/events/waiting';
import { SOURCE_TYPE } from '../../src/shared/constants';
import type { CallbackKeys, EventMode } from '../../src/shared/events';
import { CLIENT_ID, startNocoBase } from '../../testing/nocobase/nocobase';
import { Session } from '../../testing/nocobase/session';
import type { Asked } from '../asked-process';

/** What a node is started with. */
export interface NodeOptions {
  database: IDatabaseOptions;
  /** Whether another node has made everything in the database. */
  isInstalled: boolean;
  corpId: string;
  redis?: string;
}

/** What a node is asked, and what it answers. */
export interface Questions {
  stop: { asked: null; answer: null };
  /** Runs the source, at no pace: only what follows is measured. */
  run: { asked: null; answer: null };
  /** How the source hears of changes from now on; the answer is what the console is given for HTTP. */
  hear: { asked: Exclude<EventMode, 'off'>; answer: CallbackKeys | null };
  /** A session of the user whom a run made of this member. */
  session: { asked: { unionId: string }; answer: { token: string } };
  /** Lets these members wait to be read, or, where there are none, nobody. */
  wait: { asked: string[]; answer: null };
}

async function main() {
  const { database, isInstalled, corpId, redis } = JSON.parse(process.argv[2]) as NodeOptions;
  const nocobase = await startNocoBase('postgres', {
    on: { options: database, drop: async () => undefined },
    isInstalled,
    plugins: ['collection-tree', 'departments', 'user-data-sync'],
    ...(redis && { cache: { defaultStore: 'redis', prefix: database.database, stores: { redis: { url: redis } } } }),
  });
  const { app, db } = nocobase;
  const sources = db.getRepository('userDataSyncSources');
  if (!isInstalled) {
    await nocobase.addAuthenticator('dingtalk', { corpId, autoSignup: true });
    // Those who leave to be measured are more than an organization loses in a day.
    const brake = { free: 50, percent: 50, most: 1000 };
    const options = { authenticator: 'dingtalk', schedule: null, events: 'off', brake } as const;
    await sources.create({ values: { name: 'dingtalk', sourceType: SOURCE_TYPE, enabled: true, options } });
  }
  const source = await sources.findOne({ filter: { name: 'dingtalk' } });
  const sourceId = String(source.get('id'));
  const pace = paceOf(CLIENT_ID);

  const answers: { [Q in keyof Questions]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']> } = {
    stop: async () => {
      await nocobase.stop();
      process.exit();
    },
    run: async () => {
      const { signal } = new AbortController();
      pace.setRate(Infinity);
      await runDirectory(app, await loadSource(app, sourceId), { trigger: 'manual', signal });
      pace.setRate(CALLS_PER_SECOND);
      return null;
    },
    hear: async (events) => {
      await sources.update({ filterByTk: sourceId, values: { options: { ...source.get('options'), events } } });
      if (events === 'stream') {
        return null;
      }
      const root = await db.getRepository('users').findOne({ filter: { username: 'root' } });
      const { data, message } = await (
        await Session.of(nocobase, root)
      ).call<CallbackKeys>('renewCallback', {
        source: sourceId,
      });
      if (!data) {
        throw new Error(message);
      }
      return data;
    },
    session: async ({ unionId }) => {
      const row = await db.getModel('dingtalkMembers').findOne({ where: { sourceId, unionId } });
      const { token } = await Session.of(nocobase, { get: () => row?.get('userId') });
      return { token };
    },
    wait: async (userids) => {
      const ids = userids.map((id) => ({ kind: 'member' as const, id }));
      await (ids.length ? addWaiting(app, sourceId, ids, Date.now()) : removeAllWaiting(app, sourceId));
      return null;
    },
  };

  // Whoever asked is gone.
  process.once('disconnect', () => void answers.stop(null));
  process.on('message', ({ question, asked }: Asked) => {
    void answers[question as keyof Questions](asked as never).then((answer) => process.send?.(answer), fail);
  });
  process.send?.({ url: nocobase.url });
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
