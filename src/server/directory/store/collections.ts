import type { CollectionOptions } from '@nocobase/database';

/**
 * What sources of the directory know, in tables of the plugin, not in those of NocoBase's synchronization: whoever may
 * push users there could forge the rows of any source, and a forged row would be somebody else's user. No column is a
 * foreign key: what is known of a member who left outlives the user.
 */

export const MEMBERS = 'dingtalkMembers';
export const DEPARTMENTS = 'dingtalkDepartments';
export const SOURCES = 'dingtalkSources';
export const RUNS = 'dingtalkRuns';

/** Of one table; `registerCollections` adds what all tables of the plugin have. */
export const directoryCollections: CollectionOptions[] = [
  {
    name: MEMBERS,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', allowNull: false },
      /**
       * The userid, an address: the organization may give it to another member. SQLite and MySQL would take a column of
       * that name for `userId`.
       */
      { type: 'string', name: 'dingtalkUserid', allowNull: false },
      { type: 'string', name: 'unionId', allowNull: false },
      /** SHA-256 of the unionId, hexadecimal: the collations of MySQL take `a` for `A`, and would refuse the second. */
      { type: 'string', name: 'unionKey', length: 64, allowNull: false },
      { type: 'string', name: 'name' },
      { type: 'bigInt', name: 'userId' },
      /** See `MemberRow`, as of the others. */
      { type: 'string', name: 'state', allowNull: false },
      { type: 'string', name: 'reason' },
      { type: 'boolean', name: 'isCreated', defaultValue: false },
      { type: 'boolean', name: 'isLeftOut', defaultValue: false },
      { type: 'boolean', name: 'isAllowed', defaultValue: false },
      { type: 'boolean', name: 'isDetached' },
      /** Fingerprints, no values. */
      { type: 'json', name: 'written' },
      { type: 'json', name: 'memberships' },
      { type: 'json', name: 'confirmed' },
      { type: 'bigInt', name: 'leftAt' },
      { type: 'bigInt', name: 'deleteAt' },
    ],
    indexes: [
      { fields: ['sourceId', 'unionKey'], unique: true },
      { fields: ['sourceId', 'dingtalkUserid'] },
      { fields: ['userId'] },
    ],
  },
  {
    name: DEPARTMENTS,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', allowNull: false },
      { type: 'bigInt', name: 'departmentId', allowNull: false },
      { type: 'bigInt', name: 'nocobaseId', allowNull: false },
      { type: 'string', name: 'title' },
      { type: 'bigInt', name: 'parentNocobaseId' },
    ],
    indexes: [{ fields: ['sourceId', 'departmentId'], unique: true }],
  },
  {
    name: SOURCES,
    autoGenId: false,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', primaryKey: true },
      /** Of the members that are known. */
      { type: 'string', name: 'corpId' },
      { type: 'string', name: 'clientId' },
      /** Which process works on the source, and until when it said so last; see lock.ts. */
      { type: 'string', name: 'holder' },
      { type: 'bigInt', name: 'heldUntil' },
      /** Until when a task that was begun may ask for that. */
      { type: 'bigInt', name: 'claimedUntil' },
      /** Of the schedule; times in milliseconds since 1970. */
      { type: 'bigInt', name: 'nextRun' },
      { type: 'integer', name: 'attempts', defaultValue: 0 },
      /** See `Stop`. */
      { type: 'json', name: 'stop' },
      /** What administrators were told of last: they are told once of an episode. */
      { type: 'string', name: 'told' },
    ],
  },
  {
    name: RUNS,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', allowNull: false },
      { type: 'bigInt', name: 'taskId' },
      { type: 'string', name: 'trigger', allowNull: false },
      { type: 'bigInt', name: 'createdById' },
      { type: 'bigInt', name: 'began', allowNull: false },
      { type: 'bigInt', name: 'ended' },
      { type: 'string', name: 'outcome', allowNull: false },
      { type: 'string', name: 'code' },
      { type: 'json', name: 'counts' },
      { type: 'json', name: 'takenAway' },
      { type: 'json', name: 'entries' },
    ],
    indexes: [{ fields: ['sourceId', 'began'] }],
  },
];
