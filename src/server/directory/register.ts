import type { Plugin } from '@nocobase/server';
import { registerCollections } from '../accounts/collections';
import { MovedUsers } from './moved-users';
import { directoryCollections } from './store/collections';

/** The tables of what sources of the directory know. They are there whether a source is set up or not. */
export async function registerDirectory({ app }: Plugin): Promise<void> {
  registerCollections(app, directoryCollections);
  await new MovedUsers(app).listen();
}
