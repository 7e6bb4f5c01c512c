import type { Application } from '@nocobase/server';
import { missingDepartmentsOf, missingOf, plan } from './plan/plan';
import { askAbsences, askGone } from './read/absences';
import { readDirectory } from './read/read';
import { type Changes, readChanges } from './read/read-changes';
import { readerOf } from './read/reader';
import type { Source } from './source';
import { readDepartmentRows } from './store/department-rows';
import { fingerprintOf } from './store/fingerprint';
import { readMembers } from './store/members';
import { withWaysIn } from './store/remaining-ways-in';
import { hasDepartments, loadState, type SourceContext } from './store/state';
import type { Directory, MemberRow, Plan, PlanSettings, State } from './types';

/** How far a run is. */
export type Progress =
  { step: 'reading'; departments: number; members: number } | { step: 'writing'; done: number; all: number };

export interface Work {
  /** Ends the work where the application stops. */
  signal: AbortSignal;
  progress?(progress: Progress): void;
}

interface Prepared {
  directory: Directory;
  state: State;
  plan: Plan;
}

/** All of the directory, read, compared and planned: nothing is written. */
export async function prepare(context: SourceContext, source: Source, { signal, progress }: Work): Promise<Prepared> {
  const { app, db, sourceId } = context;
  const reader = readerOf(app, source, signal);
  const read = await readDirectory(reader, source.settings.departments, (done) =>
    progress?.({ step: 'reading', ...done }),
  );
  const found: Directory = { ...read, absences: new Map(), userids: new Map(), goneDepartments: new Set() };
  const missing = missingOf(await readMembers(db, sourceId), found);
  const missingDepartments = missingDepartmentsOf(await readDepartmentRows(db, sourceId), found);
  return compare(context, {
    ...read,
    ...(await askAbsences(reader, missing, found, source.settings.departments)),
    goneDepartments: await askGone(reader, missingDepartments),
  });
}

/**
 * What is done beside a reading, and ends soon after it.
 *
 * @returns userids that were dealt with: what the reading has found of them may be older
 */
export type Beside = (reading: Promise<unknown>) => Promise<Set<string>>;

/** The same of what has changed, with all that follows from it. */
export async function prepareChanges(
  context: SourceContext,
  source: Source,
  changes: Changes,
  work: Work & { beside?: Beside },
): Promise<Prepared & { needsRun: boolean }> {
  const { directory, needsRun } = await readBeside(context, source, changes, work);
  return { needsRun, ...(await compare(context, directory)) };
}

async function readBeside(
  { app, db, sourceId }: SourceContext,
  source: Source,
  changes: Changes,
  { signal, beside = async () => new Set() }: Work & { beside?: Beside },
): ReturnType<typeof readChanges> {
  const members = await readMembers(db, sourceId);
  const reading = readChanges(readerOf(app, source, signal), source.settings.departments, changes, {
    members,
    departmentRows: await readDepartmentRows(db, sourceId),
    hasDepartments: hasDepartments(db),
  });
  const dealtWith = await beside(reading);
  const { directory, needsRun } = await reading;
  const rows = members.filter(({ userid }) => dealtWith.has(userid));
  return { needsRun, directory: rows.length ? without(directory, rows) : directory };
}

/**
 * A reading of others: who was there when it began, and has left since, would come back by it. Of whom there was no row,
 * nothing has become known either: they are written as they were read, and asked about again.
 */
function without(directory: Directory, rows: MemberRow[]): Directory {
  const ids = new Set(rows.map(({ id }) => id));
  const userids = new Set(rows.map(({ userid }) => userid));
  return {
    ...directory,
    members: directory.members.filter(({ userid }) => !userids.has(userid)),
    absences: new Map([...directory.absences].filter(([id]) => !ids.has(id))),
    userids: new Map([...directory.userids].filter(([id]) => !ids.has(id))),
  };
}

/** The state is read last, so that it is as new as can be when it is written. */
async function compare(context: SourceContext, directory: Directory): Promise<Prepared> {
  const state = await loadState(context);
  return { directory, state, plan: await withWaysIn(context, plan(directory, state, context.settings)) };
}

export function contextOf(app: Application, source: Source): SourceContext {
  const { id, settings, authenticator, appSettings } = source;
  const planSettings: PlanSettings = {
    newUsers: settings.newUsers,
    leavers: settings.leavers,
    fields: settings.fields,
    writesPhoneOfOthers: settings.writesPhoneOfOthers,
    emailDomains: appSettings.emailDomains,
    brake: settings.brake,
    fingerprint: fingerprintOf(app, id),
    now: Date.now(),
  };
  return {
    app,
    db: app.db,
    sourceId: id,
    authenticator,
    settings: planSettings,
    protectedRoles: authenticator.protectedRoles,
    defaultRole: appSettings.defaultRole,
  };
}
