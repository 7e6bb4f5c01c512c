import {
  type Department,
  type DirectoryMember,
  getDepartment,
  getDirectoryMember,
  getScopes,
  listMembers,
  listSubDepartments,
  ORGANIZATION,
} from '../../dingtalk/address-book';
import type { DingTalkApp } from '../../dingtalk/api';
import { type TokenCache, withAppToken } from '../../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind } from '../../dingtalk/errors';
import { getMemberByUnionId } from '../../dingtalk/oapi';
import type { Pace } from '../../dingtalk/pace';
import { CodedError } from '../../http/coded-error';
import { parentsFirst } from './tree';
import type { Absence, Directory, MemberRow } from '../types';
import { Workers } from './workers';

/** With what DingTalk is asked. */
export interface Reader {
  app: DingTalkApp;
  cache: TokenCache;
  /** The one of this app that all work shares. */
  pace: Pace;
  /** Ends the reading, which then throws the signal's reason. There is no other limit for a whole reading. */
  signal: AbortSignal;
  /** Of one call; 10 seconds unless a test wants less. */
  timeoutMs?: number;
}

export interface ReadSoFar {
  departments: number;
  members: number;
}

const TIMEOUT_MS = 10_000;

/** Half a second at DingTalk's pace costs less than a run that ends because one answer of thousands was lost. */
const ATTEMPTS = 2;

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
  progress: (soFar: ReadSoFar) => void = () => undefined,
): Promise<Pick<Directory, 'departments' | 'members'>> {
  return untilAborted(reader, () => new Reading(reader, progress).read(chosen));
}

/** How DingTalk's endpoints refuse a department that is gone: they differ in it, and do not document all of it. */
const MAY_BE_GONE: DingTalkErrorKind[] = ['gone', 'scope', 'unexpected'];

class Reading {
  private readonly departments = new Map<number, Department>();
  private readonly members = new Map<string, DirectoryMember>();
  /** Those that were deleted while others were read. */
  private readonly gone = new Set<number>();
  private readonly workers: Workers;
  private readonly dingtalk: Calls;

  constructor(
    reader: Reader,
    private readonly progress: (soFar: ReadSoFar) => void,
  ) {
    this.workers = new Workers(reader.signal);
    this.dingtalk = new Calls(reader, this.workers.signal);
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

  private meetDepartment(department: Department): void {
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
    this.workers.add('members', () => this.unlessGone(id, () => this.readMembers(id)));
  }

  private async readSubDepartments(id: number): Promise<void> {
    const found = await this.dingtalk.subDepartments(id);
    for (const department of found.filter((one) => isId(one.id) && one.id !== ORGANIZATION)) {
      this.meetDepartment({ ...department, parentId: department.parentId ?? id });
    }
    this.tell();
  }

  private async readMembers(id: number): Promise<void> {
    for (let cursor: number | undefined = 0; cursor !== undefined;) {
      const page: Awaited<ReturnType<typeof listMembers>> = await this.dingtalk.members(id, cursor);
      page.members.forEach((member) => this.meetMember(member));
      this.tell();
      cursor = page.nextCursor;
    }
  }

  /** A member whom the app may see whatever the department. */
  private readMember(userid: string): void {
    this.workers.add('member', async () => {
      try {
        this.meetMember(await this.dingtalk.member(userid));
      } catch (error) {
        // Who has left stays in the list of the app.
        if (!isOfKind(error, ['notMember'])) {
          throw error;
        }
      }
      this.tell();
    });
  }

  private meetMember(member: DirectoryMember): void {
    const known = this.members.get(member.userid);
    if (known?.unionId && member.unionId && known.unionId !== member.unionId) {
      throw new CodedError('DIRECTORY_INCOMPLETE', { reason: 'a userid with two unionIds' });
    }
    const unionId = member.unionId ?? known?.unionId;
    this.members.set(member.userid, { ...member, unionId, leads: { ...known?.leads, ...member.leads } });
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

/**
 * Asks DingTalk why members that a source knows were not read: one call for each, or up to three.
 *
 * @param chosen as `readDirectory` was given
 * @returns by the IDs of the rows
 * @throws DingTalkError: where one of them cannot be told, nobody is taken for a leaver
 */
export function askAbsences(
  reader: Reader,
  rows: Pick<MemberRow, 'id' | 'userid' | 'unionId'>[],
  directory: Pick<Directory, 'departments'>,
  chosen: number[] | null,
): Promise<Pick<Directory, 'absences' | 'userids'>> {
  const read = new Set(directory.departments.map(({ id }) => id));
  const isAll = !chosen?.length || chosen.includes(ORGANIZATION);
  return untilAborted(reader, async () => {
    const workers = new Workers(reader.signal);
    const dingtalk = new Calls(reader, workers.signal);
    const absences = new Map<string, Absence>();
    const userids = new Map<string, string>();
    const absenceOf = (found: Awaited<ReturnType<typeof dingtalk.find>>, unionId: string): Absence | undefined => {
      if (found === 'outOfScope' || found?.unionId !== unionId) {
        return found === 'outOfScope' ? found : undefined;
      }
      return isAll || found.departmentIds.some((departmentId) => read.has(departmentId)) ? 'present' : 'notChosen';
    };
    for (const { id, userid, unionId } of rows) {
      workers.add('member', async () => {
        const absence = absenceOf(await dingtalk.find(userid), unionId);
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
          absences.set(id, absenceOf(await dingtalk.find(current), unionId) ?? 'present');
        }
      });
    }
    await workers.settle();
    return { absences, userids };
  });
}

/**
 * Which of these departments the organization has no more. One that is merely out of sight is not gone.
 *
 * @throws DingTalkError
 */
export function askGone(reader: Reader, departmentIds: number[]): Promise<Set<number>> {
  return untilAborted(reader, async () => {
    const workers = new Workers(reader.signal);
    const dingtalk = new Calls(reader, workers.signal);
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

/** The calls of one reading, in DingTalk's pace. */
class Calls {
  constructor(
    private readonly reader: Reader,
    private readonly signal: AbortSignal,
  ) {}

  scopes = () => this.call('auth/scopes', getScopes);

  department = (id: number) => this.call('department/get', (token, signal) => getDepartment(token, id, signal));

  subDepartments = (id: number) =>
    this.call('department/listsub', (token, signal) => listSubDepartments(token, id, signal));

  members = (id: number, cursor: number) =>
    this.call('user/list', (token, signal) => listMembers(token, id, cursor, signal));

  member = (userid: string) => this.call('user/get', (token, signal) => getDirectoryMember(token, userid, signal));

  /** Who has this userid now; undefined where nobody has. */
  async find(userid: string): Promise<DirectoryMember | 'outOfScope' | undefined> {
    try {
      return await this.member(userid);
    } catch (error) {
      if (isOfKind(error, ['scope'])) {
        return 'outOfScope';
      }
      if (isOfKind(error, ['notMember'])) {
        return undefined;
      }
      throw error;
    }
  }

  /** The userid of an account; undefined where it is of nobody in the organization, or of an external contact. */
  async useridOf(unionId: string): Promise<string | undefined> {
    try {
      const found = await this.call('user/getbyunionid', (token, signal) => getMemberByUnionId(token, unionId, signal));
      return found.contact_type === EXTERNAL ? undefined : found.userid;
    } catch (error) {
      // This code alone: others of the kind may say that the app is not open to the member.
      if (isOfKind(error, ['notMember']) && error.dingTalkCode === NO_SUCH_MEMBER) {
        return undefined;
      }
      throw error;
    }
  }

  async isGone(id: number): Promise<boolean> {
    try {
      await this.department(id);
      return false;
    } catch (error) {
      if (isOfKind(error, ['gone', 'scope'])) {
        return error.kind === 'gone';
      }
      throw error;
    }
  }

  private call<T>(endpoint: string, call: (appToken: string, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { app, cache, pace, timeoutMs = TIMEOUT_MS } = this.reader;
    const once = () => {
      const signal = AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMs)]);
      return withAppToken({ app, cache, signal, renewalMs: timeoutMs }, (token) => call(token, signal));
    };
    const attempt = async (left: number): Promise<T> => {
      try {
        return await once();
      } catch (error) {
        if (left > 1 && isOfKind(error, ['unreachable']) && !this.signal.aborted) {
          return attempt(left - 1);
        }
        throw error;
      }
    };
    return pace.run(endpoint, () => attempt(ATTEMPTS), this.signal);
  }
}

const NO_SUCH_MEMBER = '60121';
const EXTERNAL = '1';

/** Numbers below are of other books, about which DingTalk answers errors. */
const isId = (id: number) => id > 0;

const isOfKind = (error: unknown, kinds: DingTalkErrorKind[]): error is DingTalkError =>
  error instanceof DingTalkError && kinds.includes(error.kind);

/** Whoever ended the reading knows why: what DingTalk's client says of it is no failure of DingTalk's. */
async function untilAborted<T>({ signal }: Reader, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
