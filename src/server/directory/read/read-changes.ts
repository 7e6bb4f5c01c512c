import { type Department, type DirectoryMember, ORGANIZATION } from '../../dingtalk/address-book';
import { missingOf, push } from '../plan/missing';
import type { DepartmentRow, Directory, MemberRow } from '../types';
import { findAbsences } from './absences';
import { connectTo, isId, isOfKind, MAY_BE_GONE, type Reader, untilAborted } from './calls';
import { Reading } from './read';
import { parentsFirst } from './tree';

/** What DingTalk said to have changed: whose, and of which departments. Nothing else of an event is believed. */
export interface Changes {
  userids: string[];
  departmentIds: number[];
}

/** What the source knows before. */
interface KnownRows {
  members: MemberRow[];
  departmentRows: DepartmentRow[];
  /** Whether NocoBase has departments: else nothing is said of them, and owner flags are of no use. */
  hasDepartments: boolean;
}

/** As many members as a page of a list has. */
const PAGE = 100;

/** So many of the asked members in one department, met one by one, let expect more of them there. */
const SHARED = 3;

/** Where fewer are to be asked one by one, that takes less than a second. */
const MANY = 10;

/** Nobody knows where newcomers are: their number may be this part of the pages of all departments, for these to be read. */
const WORTH_ALL = 1 / 2;

/**
 * Reads what has changed, and what that makes necessary, in as few calls as may be:
 *
 * - A department: itself and its list of members; everything below it, where it is new to the source; its parents, where
 *   those are; where it is gone, whoever and whatever is known to be in it.
 * - A member: by a list that tells of several, else by `user/get`. A list has the owner flag of its own department alone:
 *   who is in others that are new, or was asked about, is asked in addition. Of many, lists are read from the other end at
 *   the same time, as DingTalk counts the calls of each endpoint by itself.
 * - Who is not found: why, exactly as a run asks it.
 *
 * @param chosen as `readDirectory` is given
 * @returns `needsRun` where only a reading of all can tell what has changed
 * @throws as `readDirectory`
 */
export function readChanges(
  reader: Reader,
  chosen: number[] | null,
  changes: Changes,
  known: KnownRows,
): Promise<{ directory: Directory; needsRun: boolean }> {
  const reading = new Reading(reader.signal, connectTo(reader));
  return untilAborted(reader, () => new ChangeReading(reading, chosen, known).read(changes));
}

export class ChangeReading {
  private readonly rows: Map<number, DepartmentRow>;
  private readonly rowsByUnionId: Map<string, MemberRow>;
  private readonly rowsByUserid = new Map<string, MemberRow[]>();
  private readonly asked = { userids: new Set<string>(), departmentIds: new Set<number>() };
  /** Userids of which `user/get` has answered, whatever it was. */
  private readonly answered = new Set<string>();
  private readonly listed = new Set<number>();
  private readonly gone = new Set<number>();
  private readonly paths = new Map<number, Promise<number[]>>();
  /** Departments where the source begins. */
  private starts = new Set<number>();
  private needsRun = false;
  /** By department: how many of the asked members were met there one by one. */
  private readonly met = new Map<number, number>();

  constructor(
    private readonly reading: Reading,
    private readonly chosen: number[] | null,
    private readonly known: KnownRows,
  ) {
    this.rows = new Map(known.departmentRows.map((row) => [row.departmentId, row]));
    this.rowsByUnionId = new Map(known.members.map((row) => [row.unionId, row]));
    known.members.forEach((row) => push(this.rowsByUserid, row.userid, row));
  }

  async read({ userids, departmentIds }: Changes): Promise<{ directory: Directory; needsRun: boolean }> {
    const { workers, members, departments } = this.reading;
    const starts = this.chosen?.length ? this.chosen : (await this.reading.dingtalk.scopes()).departmentIds;
    this.starts = new Set(starts);
    userids.forEach((userid) => this.asked.userids.add(userid));
    departmentIds.forEach((id) => this.askDepartment(id));
    for (let size = -1; size !== this.size;) {
      size = this.size;
      await workers.settle();
      this.reading.gone.forEach((id) => this.lose(id));
      this.listShared();
      await workers.settle();
      this.askMembers();
      await workers.settle();
      this.askPlaces();
      await workers.settle();
    }
    this.gone.forEach((id) => departments.delete(id));
    const places = await this.insideAmong([...members.values()].flatMap((member) => member.departmentIds));
    const isChosen = (ids: number[]) => this.isAll || ids.some((id) => places.has(id));
    const found = [...members.values()].filter((member) => isChosen(member.departmentIds));
    const absences = await findAbsences(
      this.reading,
      this.missing(found),
      (ids) => this.isAll || this.isAnyInside(ids),
    );
    const directory = {
      departments: parentsFirst([...departments.values()]),
      members: found,
      ...absences,
      goneDepartments: this.gone,
      part: { departments: places },
    };
    return { directory, needsRun: this.needsRun };
  }

  private get size(): number {
    const { asked, answered, listed, gone } = this;
    return asked.userids.size + asked.departmentIds.size + answered.size + listed.size + gone.size;
  }

  /** Whether the app may see the whole organization, and the source wants all of it. */
  private get isWhole(): boolean {
    return this.starts.has(ORGANIZATION);
  }

  /** Whether every member whom the app may see is of the source, in whatever department. */
  private get isAll(): boolean {
    return !this.chosen?.length || this.isWhole;
  }

  // Departments

  private askDepartment(id: number): void {
    const { departmentIds } = this.asked;
    // Without departments in NocoBase, they only decide who is of the source.
    if (!isId(id) || departmentIds.has(id) || (this.isWhole && !this.known.hasDepartments)) {
      return;
    }
    departmentIds.add(id);
    if (id !== ORGANIZATION) {
      this.reading.workers.add('department', () => this.readDepartment(id));
    } else if (this.isWhole) {
      this.list(id);
    }
  }

  private async readDepartment(id: number): Promise<void> {
    const row = this.rows.get(id);
    const department = await this.findDepartment(id);
    if (department === 'gone') {
      this.lose(id);
    } else if (department === 'outside') {
      // What else it took along, and whether it was inside before, no single answer tells.
      this.needsRun ||= row !== undefined || !this.known.hasDepartments;
    } else if (!this.reading.departments.has(id)) {
      this.meetDepartment(department, row);
    }
  }

  private async findDepartment(id: number): Promise<Department | 'outside' | 'gone'> {
    const mayBeGone = async () => this.rows.has(id) && (await this.reading.dingtalk.isGone(id));
    if (!(await this.isInside(id)) && !(await mayBeGone())) {
      return 'outside';
    }
    try {
      return await this.reading.dingtalk.department(id);
    } catch (error) {
      if (!isOfKind(error, ['gone', 'scope'])) {
        throw error;
      }
      return error.kind === 'gone' ? 'gone' : 'outside';
    }
  }

  private meetDepartment(department: Department, row: DepartmentRow | undefined): void {
    const { id, parentId = ORGANIZATION } = department;
    const parent = this.rows.get(parentId);
    // Where the source has a part of the organization, it may have come from elsewhere, with more than is known.
    const isMovedIn = !this.isWhole && row?.parentNocobaseId !== parent?.nocobaseId;
    if (!row || isMovedIn) {
      this.reading.meetDepartment(department);
    } else {
      this.reading.departments.set(id, department);
      this.list(id);
    }
    if (!parent && parentId !== ORGANIZATION) {
      this.askDepartment(parentId);
    }
  }

  /** A department that is gone: what is known to be in it has gone elsewhere, and leaves it first. */
  private lose(id: number): void {
    if (this.gone.has(id)) {
      return;
    }
    this.gone.add(id);
    const row = this.rows.get(id);
    if (row) {
      this.known.departmentRows
        .filter(({ parentNocobaseId }) => parentNocobaseId === row.nocobaseId)
        .forEach(({ departmentId }) => this.askDepartment(departmentId));
      this.known.members
        .filter(({ memberships, state }) => id in memberships && state !== 'left')
        .forEach(({ userid }) => this.asked.userids.add(userid));
    }
  }

  /** Departments of members that are new to the source: an event of them may be still to come, or be lost. */
  private askPlaces(): void {
    const { departments, members } = this.reading;
    const isNew = (id: number) => id !== ORGANIZATION && !this.rows.has(id) && !departments.has(id);
    if (this.known.hasDepartments) {
      [...members.values()]
        .flatMap(({ departmentIds }) => departmentIds.filter(isNew))
        .forEach((id) => this.askDepartment(id));
    }
  }

  /** Whether a department is one of those where the source begins, or below one. */
  private async isInside(id: number): Promise<boolean> {
    if (this.isWhole || this.starts.has(id)) {
      return true;
    }
    return id !== ORGANIZATION && (await this.pathOf(id)).some((one) => this.starts.has(one));
  }

  private async isAnyInside(ids: number[]): Promise<boolean> {
    return (await Promise.all(ids.map((id) => this.isInside(id)))).includes(true);
  }

  private pathOf(id: number): Promise<number[]> {
    const path = this.paths.get(id) ?? this.readPath(id);
    this.paths.set(id, path);
    return path;
  }

  private async readPath(id: number): Promise<number[]> {
    try {
      return await this.reading.dingtalk.path(id);
    } catch (error) {
      if (!isOfKind(error, ['gone', 'scope'])) {
        throw error;
      }
      return [];
    }
  }

  private async insideAmong(ids: number[]): Promise<Set<number>> {
    const inside = new Set<number>();
    for (const id of new Set(ids)) {
      this.reading.workers.add('path', async () => {
        if (await this.isInside(id)) {
          inside.add(id);
        }
      });
    }
    await this.reading.workers.settle();
    return inside;
  }

  // Members

  private list(id: number): void {
    this.listed.add(id);
    this.reading.list(id);
  }

  /**
   * Of a department that is only thought to have several of the asked members: they can be asked for one by one.
   *
   * @param isWanted asked when its turn has come, whether it would still tell anything
   */
  private listKnown(id: number, isWanted: () => boolean = () => true): void {
    this.reading.workers.add('members', async () => {
      if (this.listed.has(id) || !isWanted()) {
        return;
      }
      this.listed.add(id);
      try {
        if (await this.isInside(id)) {
          await this.reading.readMembers(id);
        }
      } catch (error) {
        if (!isOfKind(error, MAY_BE_GONE)) {
          throw error;
        }
      }
    });
  }

  /** Lists of departments that cost fewer calls than those of the asked members who were known to be there alone. */
  private listShared(): void {
    const asked = new Map<number, number>();
    for (const userid of [...this.asked.userids].filter((one) => this.isUnclear(one))) {
      const [id, ...others] = Object.keys(this.rowsByUserid.get(userid)?.[0].memberships ?? {}).map(Number);
      if (id !== undefined && !others.length) {
        asked.set(id, (asked.get(id) ?? 0) + 1);
      }
    }
    const sizes = this.sizesOf(asked);
    for (const [id, count] of asked) {
      if (count > 1 && count > Math.ceil((sizes.get(id) ?? 0) / PAGE)) {
        this.listKnown(id);
      }
    }
  }

  /** How many members are known to be in each of these departments. */
  private sizesOf(departments: Map<number, unknown>): Map<number, number> {
    const sizes = new Map<number, number>();
    for (const { memberships } of departments.size ? this.known.members : []) {
      for (const id of Object.keys(memberships).map(Number)) {
        if (departments.has(id)) {
          sizes.set(id, (sizes.get(id) ?? 0) + 1);
        }
      }
    }
    return sizes;
  }

  private askMembers(): void {
    const unclear = new Set(
      [...this.asked.userids, ...this.reading.members.keys()].filter((one) => this.isUnclear(one)),
    );
    let left = unclear.size;
    for (const userid of unclear) {
      this.reading.workers.add('member', async () => {
        left--;
        // A list may have told meanwhile.
        if (this.isUnclear(userid)) {
          await this.readMember(userid, left);
        }
      });
    }
    if (left > MANY) {
      this.listBeside([...unclear].filter((userid) => this.asked.userids.has(userid)).reverse());
    }
  }

  /**
   * Lists of a page, in which one of many members may be: it takes no call more than asking for the member, and half of the
   * time where both are done at once. The last members come first, as they are asked for last.
   */
  private listBeside(unclear: string[]): void {
    const places = new Map<number, string[]>();
    const newcomers: string[] = [];
    for (const userid of unclear) {
      const row = this.rowsByUserid.get(userid)?.[0];
      const [id, ...others] = Object.keys(row?.memberships ?? {}).map(Number);
      if (!row) {
        newcomers.push(userid);
      } else if (id !== undefined && !others.length) {
        push(places, id, userid);
      }
    }
    // Newcomers may come department by department: their lists are read from the other end, too.
    const all = [ORGANIZATION, ...this.rows.keys()].reverse();
    const sizes = this.sizesOf(new Map(all.map((id) => [id, undefined])));
    const pagesOf = (id: number) => Math.max(1, Math.ceil((sizes.get(id) ?? 0) / PAGE));
    const pages = all.reduce((sum, id) => sum + pagesOf(id), 0);
    const mayBeAnywhere = newcomers.length > pages * WORTH_ALL ? newcomers : [];
    const isAnyUnclear = (userids: string[] = []) => userids.some((userid) => this.isUnclear(userid));
    for (const id of mayBeAnywhere.length ? all : places.keys()) {
      if (pagesOf(id) === 1) {
        this.listKnown(id, () => isAnyUnclear(places.get(id)) || isAnyUnclear(mayBeAnywhere));
      }
    }
  }

  private async readMember(userid: string, left: number): Promise<void> {
    const found = await this.reading.dingtalk.find(userid);
    this.answered.add(userid);
    if (!found || found === 'outOfScope') {
      // One who was in a list before has left meanwhile.
      this.reading.members.delete(userid);
      return;
    }
    this.reading.meetMember(found);
    for (const id of found.departmentIds) {
      const met = (this.met.get(id) ?? 0) + 1;
      this.met.set(id, met);
      if (met === SHARED && left > MANY) {
        this.listKnown(id);
      }
    }
  }

  /** Whether a member has to be asked for: nothing was read of one who changed, or owner flags are missing. */
  private isUnclear(userid: string): boolean {
    const member = this.reading.members.get(userid);
    const isAsked = this.asked.userids.has(userid);
    return !this.answered.has(userid) && (member ? !this.isTold(member, isAsked) : isAsked);
  }

  /**
   * The flag of a membership that is known, of one who was not asked about, stays as it is. A department that is new to the
   * source is read with its own list, or is not of the source.
   */
  private isTold({ departmentIds, leads, unionId = '' }: DirectoryMember, isAsked: boolean): boolean {
    const known = (!isAsked && this.rowsByUnionId.get(unionId)?.memberships) || {};
    const isFlagTold = (id: number) => id === ORGANIZATION || !this.rows.has(id) || id in leads || id in known;
    return !this.known.hasDepartments || departmentIds.every(isFlagTold);
  }

  /** Those who were asked about and not found, and whoever had a userid before that another member has now. */
  private missing(found: DirectoryMember[]): MemberRow[] {
    const { asked, reading } = this;
    const isAsked = ({ userid }: MemberRow) => asked.userids.has(userid) || reading.members.has(userid);
    return missingOf(this.known.members.filter(isAsked), { members: found });
  }
}
