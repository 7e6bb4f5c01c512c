import type { CaseCode } from '../../shared/codes';
import type { Entry } from '../../shared/directory';

/** What an administrator can do about a line of a report. */
export type CaseAction = 'link' | 'leaveOut' | 'takeBack' | 'allow' | 'confirm' | 'endWaysIn';

/** Cases of a member who could be bound to a user by hand, or left out. */
const LINKABLE: CaseCode[] = [
  'OLD_KEY',
  'USER_PRIVILEGED',
  'PHONE_SHARED',
  'PHONE_OF_BOUND',
  'PHONE_OF_UNLINKED',
  'PHONE_MATCH_OFF',
  'WAITS_FOR_RUN',
  'NEW_USERS_PRIVILEGED',
  'NEW_USERS_INCOMPLETE',
  'NOT_CREATED',
  'NOT_ACTIVE',
  'UNLINKED_BEFORE',
  'DELETED_BEFORE',
];

/** Who it is is not certain, so nobody is bound by hand either. */
const UNCERTAIN: CaseCode[] = ['USERID_REUSED', 'SEVERAL_BOUND'];

/** What was taken away by hand, and comes back only if an administrator lets it. */
const TAKEN_AWAY: CaseCode[] = ['UNLINKED_BEFORE', 'DELETED_BEFORE'];

export const wasTakenAway = (reason: CaseCode | undefined) =>
  reason !== undefined && [...TAKEN_AWAY, 'PHONE_OF_UNLINKED'].includes(reason);

/** The buttons of a line, by why nothing was done, or by what the user of a leaver can still sign in. */
export function caseActionsOf({
  kind,
  reason,
  department,
  waysIn,
  action,
}: Pick<Entry, 'kind' | 'reason' | 'department' | 'waysIn' | 'action'>): CaseAction[] {
  if (kind !== 'member') {
    return [];
  }
  const isOf = (reasons: CaseCode[]) => reason !== undefined && reasons.includes(reason);
  return [
    ...(isOf(LINKABLE) ? (['link'] as const) : []),
    ...(isOf([...LINKABLE, ...UNCERTAIN]) ? (['leaveOut'] as const) : []),
    ...(isOf(TAKEN_AWAY) ? (['allow'] as const) : []),
    ...(reason === 'LEFT_OUT' ? (['takeBack'] as const) : []),
    ...(reason === 'DEPARTMENT_PRIVILEGED' && department !== undefined ? (['confirm'] as const) : []),
    ...(waysIn?.length && action !== 'deleted' ? (['endWaysIn'] as const) : []),
  ];
}
