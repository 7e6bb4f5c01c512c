import { type Department, type DirectoryMember, type listMembers, ORGANIZATION } from '../../dingtalk/address-book';
import { CodedError } from '../../http/coded-error';
import { Interned } from '../interned';
import type { Directory } from '../types';
import {
  type Connect,
  connectTo,
  type DingTalk,
  isId,
  isOfKind,
  MAY_BE_GONE,
  type Reader,
  untilAborted,
} from './calls';
import { parentsFirst } from './tree';
import { Workers } from './workers';

export interface ReadSoFar {
  departments: number;
  members: number;
}

/**
 * Reads departments and members, each with everything below: those that were chosen, or all that the app may see. What is
 * read is whole, or the reading fails. Departments come with parents before children; members once, whatever the number of
 * their departments. It takes a call for each department, and one for each hundred members of it.
 *
 * @param chosen DingTalk's IDs of departments; null, or none, for all that the app may see
 * @param progress is called after each answer
 * @throws DingTalkError; CodedError DIRECTORY_EMPTY, DIRECTORY_INCOMPLETE
 */
export function readDirectory(
  reader: Reader,
  chosen: number[] | null,
  progress?: (soFar: ReadSoFar) => void,
): Promise<Pick<Directory, 'departments' | 'members'>> {
  return untilAborted(reader, () => new Reading(reader.signal, connectTo(reader), progress).read(chosen));
}

/** Departments and members, as they are read: whole, or a part of them. */
export class Reading {
  readonly departments = new Map<number, Department>();
  readonly members = new Map<string, DirectoryMember>();
  /** Those that were deleted while others were read. */
  readonly gone = new Set<number>();
  readonly workers: Workers;
  readonly dingtalk: DingTalk;
  private readonly interned = new Interned();

  constructor(
    signal: AbortSignal,
    connect: Connect,
    private readonly progress: (soFar: ReadSoFar) => void = () => undefined,
  ) {
    this.workers = new Workers(signal);
    this.dingtalk = connect(this.workers.signal);
  }

  async read(chosen: number[] | null): Promise<Pick<Directory, 'departments' | 'members'>> {
    const visible = await this.dingtalk.scopes();
    const starts = chosen?.length ? chosen : visible.departmentIds;
    if (starts.includes(ORGANIZATION)) {
      this.enter(ORGANIZATION);
    } else {
      starts.filter(isId).forEach((id) => this.start(id));
    }
    await this.workers.settle();
    if (!chosen?.length) {
      // Most of them are in a department that was read.
      visible.userids.filter((userid) => !this.members.has(userid)).forEach((userid) => this.readMember(userid));
    }
    for (const id of this.gone) {
      this.departments.delete(id);
    }
    [...this.departments.values()].filter(this.isBelowGone).forEach(({ id }) => this.start(id));
    await this.workers.settle();
    if (!this.departments.size && !this.members.size) {
      throw new CodedError('DIRECTORY_EMPTY');
    }
    return { departments: parentsFirst([...this.departments.values()]), members: [...this.members.values()] };
  }

  /** A department that no other one has named: its own name and parent are read. */
  private start(id: number): void {
    this.workers.add('department', async () => {
      try {
        this.meetDepartment(await this.dingtalk.department(id));
      } catch (error) {
        if (!isOfKind(error, ['gone'])) {
          throw error;
        }
        this.departments.delete(id);
      }
    });
  }

  /** One that was read just now: everything below it is read as well. */
  meetDepartment(department: Department): void {
    const { id } = department;
    const isNew = !this.departments.has(id);
    this.departments.set(id, department);
    // A loop in the tree ends here.
    if (isNew) {
      this.enter(id);
    }
  }

  private enter(id: number): void {
    this.workers.add('departments', () => this.unlessGone(id, () => this.readSubDepartments(id)));
    this.list(id);
  }

  /** The members of a department alone. */
  list(id: number): void {
    this.workers.add('members', () => this.unlessGone(id, () => this.readMembers(id)));
  }

  private async readSubDepartments(id: number): Promise<void> {
    const found = await this.dingtalk.subDepartments(id);
    for (const department of found.filter((one) => isId(one.id) && one.id !== ORGANIZATION)) {
      this.meetDepartment({ ...department, parentId: department.parentId ?? id });
    }
    this.tell();
  }

  async readMembers(id: number): Promise<void> {
    for (let cursor: number | undefined = 0; cursor !== undefined;) {
      const page: Awaited<ReturnType<typeof listMembers>> = await this.dingtalk.members(id, cursor);
      page.members.forEach((member) => this.meetMember(member));
      this.tell();
      cursor = page.nextCursor;
    }
  }

  /** A member whom the app may see whatever the department. Who has left stays in the list of the app. */
  private readMember(userid: string): void {
    this.workers.add('member', async () => {
      const found = await this.dingtalk.find(userid);
      if (found === 'outOfScope') {
        throw new CodedError('DIRECTORY_SCOPE');
      }
      if (found) {
        this.meetMember(found);
      }
      this.tell();
    });
  }

  meetMember(member: DirectoryMember): void {
    const known = this.members.get(member.userid);
    if (known?.unionId && member.unionId && known.unionId !== member.unionId) {
      throw new CodedError('DIRECTORY_INCOMPLETE', { reason: 'a userid with two unionIds' });
    }
    this.members.set(member.userid, {
      ...member,
      unionId: member.unionId ?? known?.unionId,
      departmentIds: this.interned.value(member.departmentIds),
      leads: this.interned.value({ ...known?.leads, ...member.leads }),
    });
  }

  /** A department may be deleted between the answer that named it and the next call. If it is not, the failure counts. */
  private async unlessGone(id: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isOfKind(error, MAY_BE_GONE) || !(await this.dingtalk.isGone(id))) {
        throw error;
      }
      this.gone.add(id);
    }
  }

  /** Before its parent was deleted it went elsewhere, perhaps where others had been read before. */
  private readonly isBelowGone = ({ parentId }: Department): boolean =>
    parentId !== undefined && this.gone.has(parentId);

  private tell(): void {
    this.progress({ departments: this.departments.size, members: this.members.size });
  }
}
