import type { CaseCode } from '../../../shared/codes';
import type { FieldName, Follow } from '../../../shared/directory';
import { cleanName, isSystemName, MAX_TEXT, withoutAstral } from '../../accounts/names';
import type { DirectoryMember } from '../../dingtalk/address-book';
import { emailOfMember, type Known } from './known';
import { readNumber } from './numbers';
import type { UserFacts } from '../types';

/** Ways in: by SMS, by a password reset, and the name that others trust. */
const SENSITIVE = ['nickname', 'phone', 'email', 'username', 'password'];

/** Whom the columns are written of. */
export interface Target {
  member: DirectoryMember;
  /** Undefined for one that is created. */
  user?: UserFacts;
  /** Fingerprints of what was written last. */
  written: Record<string, string>;
  /** Whether the source made the user, or makes it now. */
  isCreated: boolean;
  /** Before the run, or after it. */
  isPrivileged: boolean;
}

interface PlannedFields {
  values: Record<string, string>;
  /** As it is afterwards. */
  written: Record<string, string>;
  notes: CaseCode[];
}

/** What DingTalk gives for a field, or why it cannot be written. */
type Given = { value?: string; note?: CaseCode };

/** The columns of a user that change. What DingTalk does not tell, or what may not be written, changes none. */
export function planFields(target: Target, known: Known): PlannedFields {
  const planned: PlannedFields = { values: {}, written: { ...target.written }, notes: [] };
  for (const [name, rule] of Object.entries(known.settings.fields) as [
    FieldName,
    { column: string; follow: Follow },
  ][]) {
    if (rule && mayWrite(name, rule.column, target, known)) {
      planField(name, rule, target, known, planned);
    }
  }
  return planned;
}

/** Values that no two users share: a number of two members is written for none of them. */
const UNIQUE = ['phone', 'email'];

function mayWrite(name: FieldName, column: string, target: Target, { settings, directory }: Known): boolean {
  const { isPrivileged, isCreated, user } = target;
  // Whoever was not read may have it, too, and it would stay: a run has read them all. A newcomer would lack a way in.
  if (directory.part && user && UNIQUE.includes(name)) {
    return false;
  }
  if (isPrivileged && (SENSITIVE.includes(name) || SENSITIVE.includes(column))) {
    return false;
  }
  return name !== 'phone' || isCreated || settings.writesPhoneOfOthers;
}

function planField(
  name: FieldName,
  { column, follow }: { column: string; follow: Follow },
  target: Target,
  known: Known,
  { values, written, notes }: PlannedFields,
): void {
  const { value, note } = given(name, target.member, known);
  const current = target.user?.columns[column] ?? '';
  const last = target.written[column];
  const { fingerprint } = known.settings;
  if (note) {
    notes.push(note);
  }
  if (value === undefined) {
    return;
  }
  if (isSame(name, current, value)) {
    // It counts as written by the source: else nobody's next change would arrive.
    if (follow !== 'once') {
      written[column] = fingerprint(column, current);
    }
    return;
  }
  const isOurs = current === '' || last === fingerprint(column, current);
  if (!(follow === 'always' || (follow === 'ours' ? isOurs : last === undefined && current === ''))) {
    return;
  }
  const reason = against(name, value, target, known);
  if (reason) {
    notes.push(reason);
    return;
  }
  values[column] = value;
  written[column] = fingerprint(column, value);
}

/** A phone number in another spelling is the same; a name without pictures is what some tables of MySQL hold of it. */
const isSame = (name: FieldName, current: string, value: string): boolean =>
  current === value ||
  (name === 'phone'
    ? current !== '' && readNumber(current) !== undefined && readNumber(current) === readNumber(value)
    : current !== '' && current === withoutAstral(value));

function given(name: FieldName, member: DirectoryMember, { settings, numbers }: Known): Given {
  switch (name) {
    case 'nickname':
      return { value: cleanName(member.name) };
    case 'phone':
      return { value: numbers.get(member)?.stored };
    case 'email':
      return limited(emailOfMember(member, settings.emailDomains));
    case 'avatar':
      // A page shows it: `javascript:` would be run by whoever looks at it.
      return /^https:\/\/[^\s"'<>]+$/i.test(member.avatar ?? '') ? limited(member.avatar) : {};
    default:
      return limited(member[name]);
  }
}

const limited = (text: string | undefined): Given =>
  text !== undefined && [...text.trim()].length > MAX_TEXT ? { note: 'VALUE_TOO_LONG' } : { value: cleanName(text) };

/** Why a value that is new for this user is not written. */
function against(name: FieldName, value: string, { member, user }: Target, known: Known): CaseCode | undefined {
  const isTaken = (key: string) =>
    (known.membersWith.get(key) ?? 0) > 1 || (known.usersWith.get(key) ?? []).some((userId) => userId !== user?.id);
  switch (name) {
    case 'nickname':
      return isSystemName(value, known.state.rootNames) ? 'NAME_RESERVED' : undefined;
    case 'phone':
      return isTaken(known.numbers.get(member)?.number ?? '') ? 'PHONE_TAKEN' : undefined;
    case 'email':
      return isTaken(value.toLowerCase()) ? 'EMAIL_TAKEN' : undefined;
    default:
      return undefined;
  }
}
