import { type CollectionOptions, type Database, literal, type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { usersWho } from '../accounts/administrators';
import { sendInApp } from '../accounts/in-app';
import { withWriteLock } from '../accounts/lock';
import { backgroundContext } from '../http/background';
import { CHANNELS } from './host';

export const COUNTS = 'dingtalkMessageCounts';

/** How many counted calls the plugin made for an app in a month. `registerCollections` adds what all tables have. */
export const countCollections: CollectionOptions[] = [
  {
    name: COUNTS,
    timestamps: false,
    fields: [
      { type: 'string', name: 'clientId', allowNull: false },
      /** `2026-11` */
      { type: 'string', name: 'month', length: 7, allowNull: false },
      { type: 'bigInt', name: 'calls', allowNull: false, defaultValue: 0 },
      /** Whether somebody was told that the quota is nearly used up. */
      { type: 'boolean', name: 'isTold', defaultValue: false },
    ],
    indexes: [{ fields: ['clientId', 'month'], unique: true }],
  },
];

/** The page of the channels. */
const CHANNELS_PATH = '/admin/settings/notification-manager/channels';

/** From this part of the quota on, whoever manages channels is told. */
const NEAR = 0.8;

/** Whether the quota is near costs a statement: a process asks no more often. */
const LOOK_MS = 60_000;

const monthFormat = new Intl.DateTimeFormat('en-US', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit' });

/** The month by DingTalk's clock: `2026-11`. */
export function monthOf(now = Date.now()): string {
  const parts = new Map(monthFormat.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}`;
}

export async function readCalls(db: Database, clientId: string, month = monthOf()): Promise<number> {
  const row: Model | null = await db.getModel(COUNTS).findOne({ where: { clientId, month } });
  return Number(row?.get('calls') ?? 0);
}

/** Adds calls to those of this month: one statement, but for the first ones. */
export async function countCalls(app: Application, clientId: string, calls: number, month = monthOf()): Promise<void> {
  const { db } = app;
  const model = db.getModel(COUNTS);
  const add = async () => {
    const [found] = await model.update(
      { calls: literal(`calls + ${Math.trunc(calls)}`) },
      { where: { clientId, month }, hooks: false },
    );
    return found > 0;
  };
  await withWriteLock({ app, db }, async () => {
    if (calls > 0 && !(await add())) {
      // Another process may make it at the same time.
      await model.bulkCreate([{ clientId, month }], { ignoreDuplicates: true });
      await add();
    }
  });
}

const looked = new Map<string, number>();

/** Tells whoever manages channels that the month's calls are nearly used up: once in a month. */
export async function warnOfQuota(app: Application, clientId: string, quota: number, now = Date.now()): Promise<void> {
  const key = `${app.name} ${clientId} ${quota}`;
  if (now - (looked.get(key) ?? -Infinity) < LOOK_MS) {
    return;
  }
  looked.set(key, now);
  const { db } = app;
  const where = { clientId, month: monthOf(now), isTold: false, calls: { [Op.gte]: Math.ceil(quota * NEAR) } };
  const [isFirst] = await withWriteLock({ app, db }, () =>
    db.getModel(COUNTS).update({ isTold: true }, { where, hooks: false }),
  );
  if (!isFirst) {
    return;
  }
  const ctx = backgroundContext(app);
  const calls = await readCalls(db, clientId, where.month);
  for (const userId of await usersWho(ctx, `${CHANNELS}:update`)) {
    await sendInApp(ctx, userId, CHANNELS_PATH, async ({ say }) => ({
      title: say('QUOTA_NEAR_TITLE'),
      content: say('QUOTA_NEAR_CONTENT', { calls, quota, month: where.month }),
    }));
  }
}
