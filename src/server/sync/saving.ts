import type { Model, Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { SOURCE_TYPE } from '../../shared/constants';
import { drawSchedule, nextTime } from '../directory/clock';
import { requireColumns } from '../directory/columns';
import { forgiveUnknownLeavers } from '../directory/store/departures';
import { parseOptions, storableOptions } from '../directory/options';
import { HOST_SOURCES, requireSource } from '../directory/source';
import { forgetSource, writeSourceRow } from '../directory/store/source-row';
import { checkSaving } from '../http/saving';

/**
 * Refuses what a source of this type could not run with before NocoBase saves it, and gives it a schedule where it has none.
 * Whatever gets past it is refused when it runs.
 */
export const checkSources = checkSaving({
  collection: HOST_SOURCES,
  topic: 'directory',
  async check(ctx, values, saved) {
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
    return { ...values, options: stored.schedule === undefined ? { ...stored, schedule: drawSchedule() } : stored };
  },
});

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
