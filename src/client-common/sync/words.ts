import type { Translate } from '../nocobase';
import type { EntryAction, FieldName, RunSummary, TakenAway, Trigger } from '../../shared/directory';

/** The names of a member's values. */
export const fieldWords = (t: Translate): Record<FieldName, string> => ({
  nickname: t('Name'),
  phone: t('Phone number'),
  email: t('Email'),
  jobNumber: t('Job number'),
  title: t('Job title'),
  avatar: t('Picture'),
  workPlace: t('Work place'),
});

/** What a run does, in the order in which a report has it. */
export const actionWords = (t: Translate): Record<EntryAction, string> => ({
  suspended: t('Suspended'),
  detached: t('Taken out'),
  deleted: t('Deleted'),
  kept: t('Left, kept'),
  outside: t('Outside the scope'),
  removed: t('Department removed'),
  open: t('Open'),
  failed: t('Failed'),
  added: t('Department created'),
  created: t('Created'),
  bound: t('Linked'),
  returned: t('Came back'),
  changed: t('Department updated'),
  updated: t('Updated'),
  skipped: t('Skipped'),
});

export const actions = Object.keys(actionWords((key) => key)) as EntryAction[];

/** Whether it is of departments alone: the word for it says so. */
export const isOfDepartments = (action: EntryAction): boolean => ['added', 'changed', 'removed'].includes(action);

/** What takes something away, and so is shown in red. */
export const takesAway = (action: EntryAction): boolean =>
  ['suspended', 'detached', 'deleted', 'outside', 'removed', 'failed'].includes(action);

export const triggerWords = (t: Translate): Record<Trigger, string> => ({
  manual: t('By hand'),
  retry: t('Retry'),
  schedule: t('Schedule'),
  event: t('Event'),
});

export const outcomeWords = (t: Translate): Record<RunSummary['outcome'], string> => ({
  running: t('Running'),
  success: t('Success'),
  failed: t('Failed'),
  stopped: t('Stopped by the brake'),
});

/** The parts of what is taken away, without those of which there is nothing. */
export const takenAwayWords = (t: Translate, { members, departments, memberships }: TakenAway): string[] => [
  ...(members ? [t('{{members}} people', { members })] : []),
  ...(departments ? [t('{{departments}} departments', { departments })] : []),
  ...(memberships ? [t('{{memberships}} memberships', { memberships })] : []),
];

/** What a report is of: a whole run, or single changes. */
export type ReportKind = 'runs' | 'events';

export const kindOf = ({ trigger }: RunSummary): ReportKind => (trigger === 'event' ? 'events' : 'runs');

/** A time as the user's calendar has it, in the form that NocoBase shows by default in every language. */
export function timeOf(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The same with the seconds, for what takes no minute. */
export const exactTimeOf = (at: number): string =>
  `${timeOf(at)}:${String(new Date(at).getSeconds()).padStart(2, '0')}`;
