import type { Plugin } from '@nocobase/server';
import { registerCollections } from '../accounts/collections';
import { directoryCollections } from './collections';

/** The tables of what sources of the directory know. They are there whether a source is set up or not. */
export function registerDirectory({ app }: Plugin): void {
  registerCollections(app, directoryCollections);
}
