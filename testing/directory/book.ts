import type { Department, DirectoryMember } from '../../src/server/dingtalk/address-book';
import { DingTalkError } from '../../src/server/dingtalk/errors';
import type { DingTalk } from '../../src/server/directory/read/calls';

/** An address book in memory, for properties that read it thousands of times. */
export interface BookData {
  departments: Required<Department>[];
  members: DirectoryMember[];
  /** What the app may see. */
  scope: { departmentIds: number[]; userids: string[] };
}

const ROOT = 1;

/** Pages that are short enough for small companies to have several. */
const PAGE = 2;

const refuse = (kind: 'gone' | 'scope', endpoint: string) =>
  new DingTalkError(kind, { endpoint, reason: 'refused by DingTalk' });

/** Answers as DingTalk does, without a call. */
export class Book implements DingTalk {
  constructor(private readonly data: BookData) {}

  scopes = async () => ({ ...this.data.scope, fields: [] });

  department = async (id: number) => this.visible(id, 'department/get');

  subDepartments = async (id: number) => {
    this.visible(id, 'department/listsub');
    return this.data.departments.filter(({ parentId }) => parentId === id);
  };

  path = async (id: number) => {
    if (!this.departmentOf(id)) {
      throw refuse('gone', 'department/listparentbydept');
    }
    return this.above(id);
  };

  members = async (id: number, cursor: number) => {
    this.visible(id, 'user/list');
    const all = this.data.members.filter(({ departmentIds }) => departmentIds.includes(id));
    const page = all.slice(cursor, cursor + PAGE);
    const next = cursor + PAGE;
    return {
      members: page.map((member) => ({ ...member, leads: { [id]: member.leads[id] ?? false } })),
      ...(next < all.length && { nextCursor: next }),
    };
  };

  find = async (userid: string) => {
    const member = this.data.members.find((one) => one.userid === userid);
    if (!member) {
      return undefined;
    }
    const { scope } = this.data;
    const isVisible = scope.userids.includes(userid) || member.departmentIds.some((id) => this.isVisible(id));
    const leads = Object.fromEntries(member.departmentIds.map((id) => [id, member.leads[id] ?? false]));
    return isVisible ? { ...member, leads } : 'outOfScope';
  };

  useridOf = async (unionId: string) => this.data.members.find((one) => one.unionId === unionId)?.userid;

  isGone = async (id: number) => !this.departmentOf(id);

  private departmentOf(id: number): Department | undefined {
    return id === ROOT ? { id: ROOT, name: 'All' } : this.data.departments.find((one) => one.id === id);
  }

  private above(id: number): number[] {
    const found = this.departmentOf(id);
    return found ? [id, ...(found.parentId === undefined ? [] : this.above(found.parentId))] : [];
  }

  private isVisible(id: number): boolean {
    return this.above(id).some((one) => this.data.scope.departmentIds.includes(one));
  }

  private visible(id: number, endpoint: string): Department {
    const found = this.departmentOf(id);
    if (!found || !this.isVisible(id)) {
      throw refuse(found ? 'scope' : 'gone', endpoint);
    }
    return found;
  }
}
