import type { Entry } from '../../../shared/directory';
import type { Lease } from '../lock';
import { type DepartmentRemoval, removeDepartments } from './remove-departments';
import type { SourceContext } from '../store/state';
import type { DepartmentChange, Plan } from '../types';
import { type DepartmentWriting, readDepartmentIds, writeDepartments } from './write-departments';
import { WriteLog } from './write-log';
import { writeMembers } from './write-members';

/** Lines that stand in place of those of the plan. */
export interface Written {
  /** What could not be written. */
  failed: Entry[];
  /** What was not written because it must not be any more: an open case, or one for the next run. */
  refused: Entry[];
}

/**
 * Writes a plan: departments from the root down, then members, a hundred in a transaction, and last the departments that
 * go, as members are taken out of them before. Each transaction reads again what it depends on. One member is written as
 * a whole or not at all, and one that fails stops no other.
 *
 * @param progress is told how many changes of how many were dealt with
 * @throws CodedError SYNC_RUNNING where another process has taken over: nothing more is written; and where the database is
 * gone
 */
export async function writePlan(
  context: SourceContext,
  plan: Pick<Plan, 'departments' | 'members'>,
  lease: Pick<Lease, 'check'>,
  progress?: (done: number, all: number) => void,
): Promise<Written> {
  const all = plan.departments.length + plan.members.length;
  const log = new WriteLog();
  let done = 0;
  const onDone = (count: number) => {
    done += count;
    progress?.(done, all);
  };
  const work = { lease, log, onDone };
  try {
    const lines: Entry[] = [];
    lines.push(...(await writeDepartments(context, plan.departments.filter(isWriting), work)));
    // Without the plugin that has departments, the source may know some of before, and no membership is written.
    const departmentIds = await readDepartmentIds(context);
    lines.push(...(await writeMembers(context, plan.members, { ...work, departmentIds })));
    lines.push(...(await removeDepartments(context, plan.departments.filter(isRemoval), work)));
    const isFailed = ({ action }: Entry) => action === 'failed';
    return { failed: lines.filter(isFailed), refused: lines.filter((line) => !isFailed(line)) };
  } finally {
    log.write(context.app.logger, context.sourceId);
  }
}

const isRemoval = (change: DepartmentChange): change is DepartmentRemoval =>
  change.type === 'remove' || change.type === 'release';

const isWriting = (change: DepartmentChange): change is DepartmentWriting => !isRemoval(change);
