import type { CollectionOptions } from '@nocobase/database';

/** What waits to be read from DingTalk. NocoBase's own queue would lose it where the process is killed. */
export const EVENTS = 'dingtalkEvents';

/** What is known of the events of a source, and the keys of its callback. */
export const EVENT_SOURCES = 'dingtalkEventSources';

/** Of one table; `registerCollections` adds what all tables of the plugin have. Times are milliseconds since 1970. */
export const eventCollections: CollectionOptions[] = [
  {
    name: EVENTS,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', allowNull: false },
      /** See `EventId`; `all` for a whole run. */
      { type: 'string', name: 'kind', allowNull: false },
      /** The userid, or the department's ID; empty for a whole run. */
      { type: 'string', name: 'dingtalkId', allowNull: false },
      /** SHA-256 of both, hexadecimal: the collations of MySQL take `a` for `A`, and one of the two would be lost. */
      { type: 'string', name: 'eventKey', length: 64, allowNull: false },
      /** Another one with each event: what was read before the latest event is not what that is about. */
      { type: 'string', name: 'revision', length: 36, allowNull: false },
      { type: 'bigInt', name: 'receivedAt', allowNull: false },
      /** How often it was among those that failed. */
      { type: 'integer', name: 'attempts', defaultValue: 0 },
      { type: 'bigInt', name: 'dueAt', allowNull: false },
      /** Of the last failure. */
      { type: 'string', name: 'code' },
    ],
    indexes: [{ fields: ['sourceId', 'eventKey'], unique: true }, { fields: ['sourceId', 'dueAt'] }],
  },
  {
    name: EVENT_SOURCES,
    autoGenId: false,
    timestamps: false,
    fields: [
      { type: 'bigInt', name: 'sourceId', primaryKey: true },
      /** Both encrypted with NocoBase's key, which is not in the database. */
      { type: 'text', name: 'callbackToken' },
      { type: 'text', name: 'callbackAesKey' },
      { type: 'bigInt', name: 'madeAt' },
      /** When DingTalk last checked the address. */
      { type: 'bigInt', name: 'checkedAt' },
      /** When its list of callbacks that failed was asked for, by whichever node. */
      { type: 'bigInt', name: 'failedAskedAt' },
      { type: 'bigInt', name: 'lastEventAt' },
      { type: 'string', name: 'lastEventType' },
      /** Events that nobody here wants, and some of their names. */
      { type: 'bigInt', name: 'foreignCount', defaultValue: 0 },
      { type: 'json', name: 'foreignTypes' },
      { type: 'bigInt', name: 'skewMs' },
      /** Since when no node has had a connection, and whether administrators were told. */
      { type: 'bigInt', name: 'downSince' },
      { type: 'boolean', name: 'isDownTold' },
    ],
  },
];
