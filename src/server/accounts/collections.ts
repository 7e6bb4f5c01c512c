import type { Collection, CollectionOptions, Database } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { PACKAGE_NAME } from '../../shared/constants';

/**
 * The plugin's own tables. None of their columns is a foreign key: what they say outlives a deleted user, as one who is
 * blocked would otherwise come back as a new user. They are saved, restored and shared as NocoBase's users and bindings
 * are, whose IDs they hold, and they stay when the plugin is removed.
 */
const own: Partial<CollectionOptions> = {
  origin: PACKAGE_NAME,
  dataCategory: 'business',
  dumpRules: { group: 'user' },
  migrationRules: ['schema-only', 'overwrite'],
  shared: true,
};

export const EXCLUSIONS = 'dingtalkExclusions';
export const ENDED_SESSIONS = 'dingtalkEndedSessions';

const accountCollections: CollectionOptions[] = [
  {
    name: EXCLUSIONS,
    timestamps: false,
    fields: [
      /** Name of the authenticator. */
      { type: 'string', name: 'authenticator', allowNull: false },
      /** See `ExclusionReason`. */
      { type: 'string', name: 'reason', allowNull: false },
      { type: 'string', name: 'unionId' },
      { type: 'bigInt', name: 'userId' },
      /** See `phoneFingerprint`. */
      { type: 'string', name: 'phoneFingerprint' },
      /** Nickname in DingTalk. */
      { type: 'string', name: 'account' },
      /** The administrator who blocked or unlinked, or the user who unlinked. */
      { type: 'bigInt', name: 'createdById' },
      /**
       * When, in milliseconds since 1970: in MySQL, NocoBase's `createdAt` has whole seconds, and the order of two events
       * is lost.
       */
      { type: 'bigInt', name: 'since' },
    ],
    indexes: ['unionId', 'userId', 'phoneFingerprint'].map((key) => ({ fields: ['authenticator', key] })),
  },
  {
    name: ENDED_SESSIONS,
    autoGenId: false,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'userId', primaryKey: true },
      /** Milliseconds since 1970: a session that began until then has ended. */
      { type: 'bigInt', name: 'sessions', defaultValue: 0 },
      /** The same for API keys. */
      { type: 'bigInt', name: 'apiKeys', defaultValue: 0 },
    ],
  },
];

/** Defines tables of the plugin, and makes what an update brought of them without NocoBase's own upgrade. */
export function registerCollections(app: Application, collections = accountCollections): void {
  for (const collection of collections) {
    const { name } = app.db.collection({ ...own, ...collection });
    // NocoBase has an API for every table, which root and whoever may read all tables could call. With the one action
    // that it lets through, which there is not, it has none.
    app.resourceManager.define({ name, only: ['none'] });
  }
  app.on('beforeStart', () => makeTables(app.db, collections));
}

/** Makes the tables and columns that are not there yet. What is there stays as it is, also what a later version made. */
export async function makeTables(db: Database, collections = accountCollections): Promise<void> {
  for (const { name } of collections) {
    const collection = db.getCollection(name);
    if (!(await isComplete(collection))) {
      try {
        await collection.sync();
      } catch (error) {
        // Another node that starts at the same time may have added the column first, which is no reason not to start.
        if (!(await isComplete(collection))) {
          throw error;
        }
      }
    }
  }
}

async function isComplete(collection: Collection): Promise<boolean> {
  if (!(await collection.existsInDb())) {
    return false;
  }
  const { model, db } = collection;
  const columns = await db.sequelize.getQueryInterface().describeTable(collection.getTableNameWithSchema());
  return Object.values(model.rawAttributes).every(({ field }) => field !== undefined && field in columns);
}
