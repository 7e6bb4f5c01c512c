import type { Model } from '@nocobase/database';
import type { Account } from '../../emulator';
import { CLIENT_ID, CLIENT_SECRET, type NocoBase } from '../nocobase/nocobase';

type Member = Record<string, unknown> & { userid: string; unionid: string; dept_id_list: number[] };

/** What the host of NocoBase's synchronization is given by a source. */
interface Host {
  resourceManager: { updateOrCreate(data: object): Promise<unknown> };
}

interface Options {
  clientId?: string;
  /** Which columns are written of whom, by the names of DingTalk's fields. */
  columns?: Record<string, string>;
  matchKey?: 'phone' | 'email' | 'username';
}

/**
 * A source as it must not be: it reads DingTalk's address book and leaves the rest to NocoBase's own writer, by the records
 * of `userDataSyncRecords`. Attacks are shown working on it first.
 */
export class NaiveSource {
  /** Also the name of the authenticator of its bindings. */
  readonly name = 'naive';

  constructor(private readonly nocobase: NocoBase) {}

  /** @param cast whom it reads and writes alone: the others are of other tests */
  async run(cast: Account[], options: Options = {}): Promise<void> {
    const { columns = {}, matchKey = 'phone' } = options;
    const known = cast.map(({ memberships: [{ userid }] }) => userid);
    const read = (await this.read(options.clientId)).filter(({ userid }) => known.includes(userid));
    // Hole: whoever is not in the answer has left, whatever kept it short.
    const missing = known.filter((userid) => !read.some((member) => member.userid === userid));
    const records = [
      ...read.map(({ userid, name, mobile, org_email: email }) => ({
        uid: userid,
        nickname: name,
        phone: mobile,
        email,
      })),
      ...missing.map((userid) => ({ uid: userid, isDeleted: true })),
    ];
    // Hole: whoever may push users writes records of any source, for any user, whom a column of choice finds.
    const host = this.nocobase.app.pm.get('user-data-sync') as unknown as Host;
    await host.resourceManager.updateOrCreate({ dataType: 'user', sourceName: this.name, matchKey, records });
    for (const member of read) {
      await this.bind(member, columns);
    }
  }

  /** Holes: the userid leads to the user; who was unlinked, blocked or privileged is bound, and gets any department. */
  private async bind(member: Member, columns: Record<string, string>): Promise<void> {
    const { db } = this.nocobase;
    const user = (await this.userOf(member.userid)) ?? (await this.createUser(member));
    const userId = user.get('id');
    const bindings = db.getModel('usersAuthenticators');
    await bindings.destroy({ where: { authenticator: this.name, userId } });
    const meta = { unionId: member.unionid };
    await bindings.create({ authenticator: this.name, userId, uuid: member.unionid, meta });
    const rows: Model[] = await db.getModel('dingtalkDepartments').findAll();
    await db.getModel('departmentsUsers').destroy({ where: { userId } });
    for (const row of rows.filter((one) => member.dept_id_list.includes(Number(one.get('departmentId'))))) {
      await db.getModel('departmentsUsers').create({ userId, departmentId: row.get('nocobaseId') });
    }
    // Hole: any column.
    const values = Object.fromEntries(Object.entries(columns).map(([field, column]) => [column, member[field]]));
    await db.getRepository('users').update({ filterByTk: String(userId), values });
  }

  private async userOf(userid: string): Promise<Model | null> {
    const { db } = this.nocobase;
    const record: Model | null = await db.getRepository('userDataSyncRecords').findOne({
      filter: { sourceName: this.name, sourceUk: userid },
      appends: ['resources'],
    });
    const [resource] = (record?.get('resources') as Model[] | undefined) ?? [];
    return resource ? db.getModel('users').findByPk(String(resource.get('resourcePk'))) : null;
  }

  /** Hole: who cannot be matched, or only to a user whose number is taken, becomes a second user. */
  private createUser({ name }: Member): Promise<Model> {
    return this.nocobase.addUser({ nickname: name });
  }

  /** Hole: the first hundred of each department are all. */
  private async read(clientId = CLIENT_ID): Promise<Member[]> {
    const found = new Map<string, Member>();
    const { accessToken } = await this.ask('/v1.0/oauth2/accessToken', { appKey: clientId, appSecret: CLIENT_SECRET });
    const ask = (name: string, body: object) => this.ask(`/topapi/v2/${name}?access_token=${accessToken}`, body);
    const departments = [1];
    for (const dept_id of departments) {
      const { result: children = [] } = await ask('department/listsub', { dept_id });
      departments.push(...(children as { dept_id: number }[]).map((child) => child.dept_id));
      const { result } = await ask('user/list', { dept_id, cursor: 0, size: 100 });
      ((result as { list?: Member[] } | undefined)?.list ?? []).forEach((member) => found.set(member.userid, member));
    }
    return [...found.values()];
  }

  private async ask(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(process.env.DINGTALK_OAPI_URL + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  }
}
