import type { CollectionOptions } from '@nocobase/database';
import type { Application } from '@nocobase/server';

/**
 * The plugin's own tables. None of their columns is a foreign key: what they say outlives a deleted user, as one who is
 * blocked would otherwise come back as a new user.
 */
const own: Partial<CollectionOptions> = {
  dataCategory: 'system',
  dumpRules: 'required',
  migrationRules: ['schema-only'],
};

export const EXCLUSIONS = 'dingtalkExclusions';
export const ENDED_SESSIONS = 'dingtalkEndedSessions';

const collections: CollectionOptions[] = [
  {
    ...own,
    name: EXCLUSIONS,
    createdBy: true,
    createdAt: true,
    updatedAt: false,
    fields: [
      /** Name of the authenticator. */
      { type: 'string', name: 'authenticator', allowNull: false },
      /** See `ExclusionReason`. */
      { type: 'string', name: 'reason', allowNull: false },
      { type: 'string', name: 'unionId' },
      { type: 'bigInt', name: 'userId' },
      /** Nickname in DingTalk. */
      { type: 'string', name: 'account' },
      /** When, in milliseconds since 1970: of `createdAt` MySQL keeps whole seconds, and an order of two events is lost. */
      { type: 'bigInt', name: 'since' },
    ],
    indexes: [{ fields: ['authenticator', 'unionId'] }, { fields: ['authenticator', 'userId'] }],
  },
  {
    ...own,
    name: ENDED_SESSIONS,
    autoGenId: false,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'userId', primaryKey: true },
      /** Milliseconds since 1970: a session that began before has ended. */
      { type: 'bigInt', name: 'sessions' },
      /** The same for API keys. */
      { type: 'bigInt', name: 'apiKeys' },
    ],
  },
];

/** Defines the plugin's tables, and makes those that an update brought without NocoBase's own upgrade. */
export function registerCollections(app: Application): void {
  for (const collection of collections) {
    app.db.collection(collection);
  }
  app.on('beforeStart', async () => {
    for (const { name } of collections) {
      const collection = app.db.getCollection(name);
      if (!(await collection.existsInDb())) {
        await collection.sync();
      }
    }
  });
}
