import type { Context, Next } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { SOURCE_TYPE } from '../../shared/constants';
import type { SourceOptions } from '../../shared/directory';
import { drawSchedule, nextTime } from '../directory/clock';
import { requireColumns } from '../directory/columns';
import { forgiveUnknownLeavers } from '../directory/store/departures';
import { parseOptions, storableOptions } from '../directory/options';
import { HOST_SOURCES, requireSource } from '../directory/source';
import { forgetSource, writeSourceRow } from '../directory/store/source-row';
import { refuse } from '../http/report';

/** What a form saves, as far as it is known. */
interface Values {
  sourceType?: unknown;
  enabled?: unknown;
  options?: SourceOptions;
}

/**
 * Refuses what a source of this type could not run with before NocoBase saves it, and gives it a schedule where it has none.
 * Whatever gets past it, as by an import, is refused when it runs.
 */
export async function checkSaving(ctx: Context, next: Next): Promise<void> {
  const { resourceName, actionName, params } = ctx.action;
  if (resourceName === HOST_SOURCES && ['create', 'update', 'updateOrCreate', 'firstOrCreate'].includes(actionName)) {
    try {
      const values: Values = params.values ?? {};
      const options = await checkedOptions(ctx, values, params.filterByTk);
      if (options) {
        params.values = { ...values, options };
      }
    } catch (error) {
      refuse(ctx, 'directory', error);
    }
  }
  await next();
}

/** @returns undefined where nothing of it is to be changed, or where it is of another type */
async function checkedOptions(ctx: Context, values: Values, id: unknown): Promise<SourceOptions | undefined> {
  const saved = isId(id) ? await ctx.db.getModel(HOST_SOURCES).findByPk(String(id)) : null;
  const sourceType = values.sourceType ?? saved?.get('sourceType');
  const options = values.options ?? saved?.get('options') ?? {};
  const isEnabled = (values.enabled ?? saved?.get('enabled')) === true;
  const isSame = saved !== null && JSON.stringify(options) === JSON.stringify(saved.get('options'));
  // One whose authenticator is gone can be switched off.
  if (sourceType !== SOURCE_TYPE || (isSame && !isEnabled)) {
    return undefined;
  }
  if (isEnabled) {
    await requireSource(ctx.app, options, { id: saved ? String(saved.get('id')) : '0' });
  } else {
    requireColumns(ctx.db, parseOptions(options).fields);
  }
  const stored = storableOptions(options);
  return stored.schedule === undefined ? { ...stored, schedule: drawSchedule() } : stored;
}

const isId = (id: unknown): id is string | number => /^\d{1,18}$/.test(String(id));

/** What the plugin knows of a source follows the row that NocoBase saves and deletes, by whatever way. */
export function followSources({ db }: Application): void {
  const isOurs = (model: Model) => model.get('sourceType') === SOURCE_TYPE;
  db.on(`${HOST_SOURCES}.afterSave`, async (model: Model, { transaction }: { transaction?: Transaction }) => {
    if (isOurs(model)) {
      await writeSourceRow(
        db,
        String(model.get('id')),
        { nextRun: nextRunOf(model) ?? null, attempts: 0 },
        transaction,
      );
    }
    // It may have another authenticator now, or be of another type: those who left are refused by the earlier one.
    await forgiveUnknownLeavers(db, transaction);
  });
  db.on(`${HOST_SOURCES}.afterDestroy`, async (model: Model, { transaction }: { transaction?: Transaction }) => {
    if (isOurs(model)) {
      await forgetSource(db, String(model.get('id')), transaction);
    }
  });
}

/** When a source runs by itself next; undefined where it does not. */
export function nextRunOf(row: Model, after = Date.now()): number | undefined {
  try {
    const { schedule } = parseOptions(row.get('options'));
    return row.get('enabled') && schedule ? nextTime(schedule, after) : undefined;
  } catch {
    // Its options cannot be read: it does not run, and the form says why.
    return undefined;
  }
}
