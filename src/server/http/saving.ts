import type { Context, Next } from '@nocobase/actions';
import { type Model, Repository } from '@nocobase/database';
import { refuse, type Topic } from './report';

const SAVING = ['create', 'update', 'updateOrCreate', 'firstOrCreate'];

/** What a form saves of one row, as far as it is known. */
export interface SavedValues {
  [field: string]: unknown;
  options?: unknown;
}

interface Checked {
  collection: string;
  topic: Topic;
  /**
   * @param saved the row that is changed; null where one is made
   * @returns what is saved instead; undefined where nothing of it is to be changed
   * @throws CodedError if it must not be saved
   */
  check(ctx: Context, values: SavedValues, saved: Model | null): Promise<SavedValues | undefined>;
}

/**
 * A middleware that looks at what is saved in a collection of NocoBase before NocoBase does, in whichever way its actions
 * take it. Whatever gets past it, as by an import, has to be refused where it is used.
 */
export function checkSaving({ collection, topic, check }: Checked) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const { resourceName, actionName, params } = ctx.action;
    if (resourceName === collection && SAVING.includes(actionName)) {
      try {
        const checked = async (values: SavedValues, rows: Model[]) => {
          let stored = values;
          for (const row of rows.length ? rows : [null]) {
            stored = (await check(ctx, values, row)) ?? stored;
          }
          // What one row has is nothing that others get.
          return rows.length > 1 && values.options === undefined ? values : stored;
        };
        // A list in a list is one to NocoBase as well.
        params.values = Array.isArray(params.values)
          ? await Promise.all(
              params.values.flat(Infinity).map(async (values) => checked(values, await rowOf(ctx, collection, values))),
            )
          : await checked(params.values ?? {}, await rowsOf(ctx, collection));
      } catch (error) {
        refuse(ctx, topic, error);
      }
    }
    await next();
  };
}

/** The row of an element of a list: NocoBase updates each by its own key. */
async function rowOf({ action, db }: Context, collection: string, values: SavedValues): Promise<Model[]> {
  const model = db.getModel(collection);
  const key = values?.[model.primaryKeyAttribute];
  return action.actionName === 'create' || !key
    ? []
    : db.getRepository(collection).find({ filter: { [model.primaryKeyAttribute]: key } });
}

/** The rows that NocoBase will change, found as it finds them; none where it makes one. */
async function rowsOf({ action, db }: Context, collection: string): Promise<Model[]> {
  const { filterByTk, filter, forceUpdate, filterKeys = [], values = {} } = action.params;
  const repository = db.getRepository(collection);
  switch (action.actionName) {
    case 'create':
      return [];
    case 'update':
      return filterByTk || filter || forceUpdate ? repository.find({ filterByTk, filter }) : [];
    default:
      return repository.find({ filter: Repository.valuesToFilter(values, [filterKeys].flat()), limit: 1 });
  }
}
