import type { Plugin } from '@nocobase/server';
import { registerCollections } from './collections';
import { refuseEndedSessions } from './sessions';

/** The tables behind who is who, and the end of sessions. */
export function registerAccounts({ app, db }: Plugin): void {
  registerCollections(app);
  // Each sign-in searches a unionId, for which NocoBase has no index: 130 ms with a million users.
  db.getCollection('usersAuthenticators').addIndex('uuid');
  refuseEndedSessions(app);
}
