import type { Context } from '@nocobase/actions';
import type { FieldName, MemberPreview, Preview } from '../../shared/directory';
import type { DirectoryMember } from '../dingtalk/address-book';
import { contextOf, prepare } from '../directory/prepare';
import type { Source } from '../directory/source';
import type { Directory, Plan, State } from '../directory/types';
import { withNames } from './reports';

/** So many lines the form shows. */
const SHOWN = 200;

/**
 * What a run would do, of all or of one member. Nothing is written.
 *
 * @param search the userid of a member, or a part of the name
 */
export async function previewOf(
  ctx: Context,
  source: Source,
  search: string | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  const { app } = ctx;
  const { protectedRoles } = source.authenticator;
  const all = await prepare(contextOf(app, source), source, { signal });
  if (search === undefined) {
    return { ...toPreview(all.plan), entries: await withNames(ctx, all.plan.entries.slice(0, SHOWN), protectedRoles) };
  }
  const userid = findMember(all, search);
  if (userid === undefined) {
    return { ...toPreview(all.plan), entries: [], total: 0, member: null };
  }
  const entries = await withNames(
    ctx,
    all.plan.entries.filter(({ kind, id }) => kind === 'member' && id === userid),
    protectedRoles,
  );
  return {
    ...toPreview(all.plan),
    entries,
    total: entries.length,
    member: toMember(all.directory, userid, entries[0]),
  };
}

function toPreview({ counts, takenAway, isTooMuch, entries }: Plan): Omit<Preview, 'entries' | 'member'> {
  return { counts, takenAway, wouldStop: isTooMuch, total: entries.length };
}

/** The userid of a member who was read, or whom the source knows; the userid counts before names. */
function findMember({ directory, state }: { directory: Directory; state: State }, search: string): string | undefined {
  const known = [...directory.members, ...state.members].map(({ userid, name }) => ({ userid, name }));
  const wanted = search.trim().toLowerCase();
  const found =
    known.find(({ userid }) => userid === search) ??
    known.find(({ name }) => name?.toLowerCase() === wanted) ??
    known.find(({ name }) => wanted && name?.toLowerCase().includes(wanted));
  return found?.userid;
}

/** Which values DingTalk tells, never what they are. */
const valuesOf: Record<FieldName, (member: DirectoryMember) => unknown> = {
  nickname: ({ name }) => name,
  phone: ({ mobile }) => mobile,
  email: ({ orgEmail, email }) => orgEmail ?? email,
  jobNumber: ({ jobNumber }) => jobNumber,
  title: ({ title }) => title,
  avatar: ({ avatar }) => avatar,
  workPlace: ({ workPlace }) => workPlace,
};

function toMember(directory: Directory, userid: string, entry: MemberPreview['entry']): MemberPreview {
  const member = directory.members.find((one) => one.userid === userid);
  const names = new Map(directory.departments.map(({ id, name }) => [id, name]));
  return {
    ...(entry && { entry }),
    known: member ? (Object.keys(valuesOf) as FieldName[]).filter((field) => valuesOf[field](member)) : [],
    departments: (member?.departmentIds ?? []).flatMap((id) => names.get(id) ?? []),
  };
}
