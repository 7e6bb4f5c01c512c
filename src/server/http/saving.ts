import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { refuse, type Topic } from './report';

const SAVING = ['create', 'update', 'updateOrCreate', 'firstOrCreate'];

/** Keys that are numbers. PostgreSQL fails where one is compared with anything else. */
export const IDS = /^\d{1,18}$/;

/** What a form saves of one row, as far as it is known. */
export interface SavedValues {
  [field: string]: unknown;
  options?: unknown;
}

interface Checked {
  collection: string;
  /** What a primary key of the collection looks like. */
  keys: RegExp;
  topic: Topic;
  /**
   * @param saved the row that is changed; null where one is made, and where a request names none by its primary key
   * @returns what is saved instead; undefined where nothing of it is to be changed
   * @throws CodedError if it must not be saved
   */
  check(ctx: Context, values: SavedValues, saved: Model | null): Promise<SavedValues | undefined>;
}

/**
 * A middleware that looks at what is saved in a collection of NocoBase before NocoBase does. Whatever gets past it, as
 * by an import, has to be refused where it is used.
 */
export function checkSaving({ collection, keys, topic, check }: Checked) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const { resourceName, actionName, params } = ctx.action;
    if (resourceName === collection && SAVING.includes(actionName)) {
      try {
        const key = String(params.filterByTk ?? '');
        const saved: Model | null = keys.test(key) ? await ctx.db.getModel(collection).findByPk(key) : null;
        const checked = async (values: SavedValues) => (await check(ctx, values, saved)) ?? values;
        // `create` takes a list as well.
        params.values = Array.isArray(params.values)
          ? await Promise.all(params.values.map(checked))
          : await checked(params.values ?? {});
      } catch (error) {
        refuse(ctx, topic, error);
      }
    }
    await next();
  };
}
