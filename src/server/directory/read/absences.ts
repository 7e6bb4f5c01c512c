import { ORGANIZATION } from '../../dingtalk/address-book';
import type { Absence, Directory, MemberRow } from '../types';
import { connectTo, type DingTalk, type Found, isId, type Reader, untilAborted } from './calls';
import { Workers } from './workers';

/** What a row says of whom to ask. */
export type Asked = Pick<MemberRow, 'id' | 'userid' | 'unionId'>;

type Absences = Pick<Directory, 'absences' | 'userids'>;

/**
 * Asks DingTalk why members that a source knows were not read: one call for each, or up to three.
 *
 * @param chosen as `readDirectory` was given
 * @returns by the IDs of the rows
 * @throws DingTalkError: where one of them cannot be told, nobody is taken for a leaver
 */
export function askAbsences(
  reader: Reader,
  rows: Asked[],
  directory: Pick<Directory, 'departments'>,
  chosen: number[] | null,
): Promise<Absences> {
  const read = new Set(directory.departments.map(({ id }) => id));
  const isAll = !chosen?.length || chosen.includes(ORGANIZATION);
  const isChosen = (departmentIds: number[]) => isAll || departmentIds.some((id) => read.has(id));
  return untilAborted(reader, async () => {
    const workers = new Workers(reader.signal);
    return findAbsences({ workers, dingtalk: connectTo(reader)(workers.signal) }, rows, isChosen);
  });
}

/** @param isChosen whether a member of these departments is of the source */
export async function findAbsences(
  { workers, dingtalk }: { workers: Workers; dingtalk: Pick<DingTalk, 'find' | 'useridOf'> },
  rows: Asked[],
  isChosen: (departmentIds: number[]) => boolean | Promise<boolean>,
): Promise<Absences> {
  const absences = new Map<string, Absence>();
  const userids = new Map<string, string>();
  const absenceOf = async (found: Found, unionId: string): Promise<Absence | undefined> => {
    if (found === 'outOfScope' || found?.unionId !== unionId) {
      return found === 'outOfScope' ? found : undefined;
    }
    return (await isChosen(found.departmentIds)) ? 'present' : 'notChosen';
  };
  for (const { id, userid, unionId } of rows) {
    workers.add('member', async () => {
      const absence = await absenceOf(await dingtalk.find(userid), unionId);
      if (absence) {
        absences.set(id, absence);
        return;
      }
      // The organization may have given the userid to another member, or the member another userid.
      const current = await dingtalk.useridOf(unionId);
      if (current === undefined) {
        absences.set(id, 'left');
      } else if (current === userid) {
        absences.set(id, 'present');
      } else {
        userids.set(id, current);
        absences.set(id, (await absenceOf(await dingtalk.find(current), unionId)) ?? 'present');
      }
    });
  }
  await workers.settle();
  return { absences, userids };
}

/**
 * Which of these departments the organization has no more. One that is merely out of sight is not gone.
 *
 * @throws DingTalkError
 */
export function askGone(reader: Reader, departmentIds: number[]): Promise<Set<number>> {
  return untilAborted(reader, async () => {
    const workers = new Workers(reader.signal);
    const dingtalk = connectTo(reader)(workers.signal);
    const gone = new Set<number>();
    for (const id of departmentIds.filter(isId)) {
      workers.add('department', async () => {
        if (await dingtalk.isGone(id)) {
          gone.add(id);
        }
      });
    }
    await workers.settle();
    return gone;
  });
}
