import {
  type DirectoryMember,
  getDepartment,
  getDirectoryMember,
  getScopes,
  listMembers,
  listParentDepartmentIds,
  listSubDepartments,
} from '../../dingtalk/address-book';
import type { DingTalkApp } from '../../dingtalk/api';
import { type TokenCache, withAppToken } from '../../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind } from '../../dingtalk/errors';
import { getMemberByUnionId } from '../../dingtalk/oapi';
import type { Pace } from '../../dingtalk/pace';
import { withDeadline } from './deadline';

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

const TIMEOUT_MS = 10_000;

/** A call with the token of the app, which ends with the signal, or when its time is over. */
export const callOnce = <T>(
  { app, cache, timeoutMs = TIMEOUT_MS }: Reader,
  until: AbortSignal,
  call: (appToken: string, signal: AbortSignal) => Promise<T>,
): Promise<T> =>
  withDeadline(until, timeoutMs, (signal) =>
    withAppToken({ app, cache, signal, renewalMs: timeoutMs }, (token) => call(token, signal)),
  );

/** Half a second at DingTalk's pace costs less than a run that ends because one answer of thousands was lost. */
const ATTEMPTS = 2;

const NO_SUCH_MEMBER = '60121';
const EXTERNAL = '1';

/** Who has a userid: undefined where nobody in the organization has it. */
export type Found = DirectoryMember | 'outOfScope' | undefined;

/** What a reading asks. */
export type DingTalk = Pick<
  Calls,
  'scopes' | 'department' | 'subDepartments' | 'path' | 'members' | 'find' | 'useridOf' | 'isGone'
>;

/** How a reading asks it, until the signal is aborted. */
export type Connect = (signal: AbortSignal) => DingTalk;

export const connectTo =
  (reader: Reader): Connect =>
  (signal) =>
    new Calls(reader, signal);

/** The calls of one reading, in DingTalk's pace. */
class Calls {
  /** What was answered of userids: no reading asks of one twice. */
  private readonly found = new Map<string, Promise<Found>>();

  constructor(
    private readonly reader: Reader,
    private readonly signal: AbortSignal,
  ) {}

  scopes = () => this.call('auth/scopes', getScopes);

  department = (id: number) => this.call('department/get', (token, signal) => getDepartment(token, id, signal));

  subDepartments = (id: number) =>
    this.call('department/listsub', (token, signal) => listSubDepartments(token, id, signal));

  /** The department itself, its parent, and so on: whatever the app may see. */
  path = (id: number) =>
    this.call('department/listparentbydept', (token, signal) => listParentDepartmentIds(token, id, signal));

  members = (id: number, cursor: number) =>
    this.call('user/list', (token, signal) => listMembers(token, id, cursor, signal));

  /** Who has this userid now. */
  find(userid: string): Promise<Found> {
    const answer = this.found.get(userid) ?? this.ask(userid);
    this.found.set(userid, answer);
    return answer;
  }

  private async ask(userid: string): Promise<Found> {
    try {
      return await this.call('user/get', (token, signal) => getDirectoryMember(token, userid, signal));
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
    const attempt = async (left: number): Promise<T> => {
      try {
        return await callOnce(this.reader, this.signal, call);
      } catch (error) {
        if (left > 1 && isOfKind(error, ['unreachable']) && !this.signal.aborted) {
          return attempt(left - 1);
        }
        throw error;
      }
    };
    return this.reader.pace.run(endpoint, () => attempt(ATTEMPTS), this.signal);
  }
}

/** Numbers below are of other books, about which DingTalk answers errors. */
export const isId = (id: number) => id > 0;

export const isOfKind = (error: unknown, kinds: DingTalkErrorKind[]): error is DingTalkError =>
  error instanceof DingTalkError && kinds.includes(error.kind);

/** How DingTalk's endpoints refuse a department that is gone: they differ in it, and do not document all of it. */
export const MAY_BE_GONE: DingTalkErrorKind[] = ['gone', 'scope', 'unexpected'];

/** Whoever ended the reading knows why: what DingTalk's client says of it is no failure of DingTalk's. */
export async function untilAborted<T>({ signal }: Pick<Reader, 'signal'>, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
