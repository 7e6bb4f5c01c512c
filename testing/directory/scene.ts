import type { Model } from '@nocobase/database';
import { type Account, type CompanyOptions, generateCompany } from '../../emulator';
import { readMembers } from '../../src/server/directory/store/members';
import type { MemberRow } from '../../src/server/directory/types';
import type { Entry, Report, RunSummary, SourceOptions, SourceState } from '../../src/shared/directory';
import type { Dialect } from '../nocobase/databases';
import { type DingTalk, startDingTalk } from '../nocobase/dingtalk';
import { type AuthenticatorOptions, type NocoBase, startNocoBase } from '../nocobase/nocobase';
import { Session } from '../nocobase/session';
import { Sources, type Task } from '../nocobase/sources';

/** Lets everything through: what a test takes away is not what it is about. */
export const LOOSE = { free: 50, percent: 50, most: 1000 };

interface Given {
  dialect?: Dialect;
  /** Besides those for sources and departments. */
  plugins?: string[];
  /** In place of the plugins for sources and departments. */
  hosts?: string[];
  company?: CompanyOptions;
  authenticator?: AuthenticatorOptions;
  options?: SourceOptions;
}

/** A small company in DingTalk, a NocoBase, and a source that has not run yet. */
export class Scene {
  private constructor(
    readonly nocobase: NocoBase,
    readonly dingtalk: DingTalk,
    readonly root: Session,
    readonly sources: Sources,
    readonly source: string,
  ) {}

  static async start(given: Given = {}): Promise<Scene> {
    const { dialect, plugins = [], hosts = ['user-data-sync', 'departments'] } = given;
    const dingtalk = await startDingTalk();
    const company = generateCompany({ people: 12, departments: 6, ...given.company });
    // Departments far from each other may have one name: with their numbers, tests can tell them apart.
    const departments = company.departments?.map((one) => ({ ...one, name: `${one.name}${one.dept_id}` }));
    dingtalk.load({ ...company, departments });
    const nocobase = await startNocoBase(dialect, { plugins: [...hosts, ...plugins] });
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId, ...given.authenticator });
    const root = await Session.of(
      nocobase,
      await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } }),
    );
    const sources = new Sources(nocobase, root);
    const options: SourceOptions = {
      authenticator: 'dingtalk',
      schedule: null,
      brake: LOOSE,
      events: 'off',
      ...given.options,
    };
    return new Scene(nocobase, dingtalk, root, sources, await sources.add('main', options));
  }

  async stop(): Promise<void> {
    await this.nocobase.stop();
    await this.dingtalk.close();
  }

  /** Presses Sync, and waits. */
  run({ seconds }: { seconds?: number } = {}): Promise<Task> {
    return this.sources.run('main', this.source, seconds);
  }

  /** Changes options of the source, as its form does. */
  async choose(options: SourceOptions) {
    const row = await this.nocobase.db.getModel('userDataSyncSources').findByPk(this.source);
    const values = { options: { ...row?.get('options'), ...options } };
    return this.sources.send(`userDataSyncSources:update?filterByTk=${this.source}`, values);
  }

  /** Whether users may enter numbers of their own, by which they would be matched. */
  async letUsersEditProfiles(isOn: boolean): Promise<void> {
    const { db } = this.nocobase;
    await db.getModel('systemSettings').update({ enableEditProfile: isOn }, { where: {} });
    for (const row of await db.getModel('authenticators').findAll({ where: { name: 'basic' } })) {
      await row.update({ options: { ...row.get('options'), public: { allowSignUp: isOn } } });
    }
  }

  async state(): Promise<SourceState> {
    const { data, message } = await this.root.call<SourceState>('getSourceState', { source: this.source });
    if (!data) {
      throw new Error(message);
    }
    return data;
  }

  /** The lines of the latest run. */
  async entries(): Promise<Entry[]> {
    const [run] = (await this.root.call<RunSummary[]>('getRuns', { source: this.source })).data ?? [];
    return (await this.root.call<Report>('getReport', { source: this.source, run: run.id })).data?.entries ?? [];
  }

  async entryOf(account: Account): Promise<Entry | undefined> {
    const [{ userid }] = account.memberships;
    return (await this.entries()).find(({ kind, id }) => kind === 'member' && id === userid);
  }

  rows(): Promise<MemberRow[]> {
    return readMembers(this.nocobase.db, this.source);
  }

  async rowOf({ unionId }: Account): Promise<MemberRow | undefined> {
    return (await this.rows()).find((row) => row.unionId === unionId);
  }

  user(id: unknown): Promise<Model | null> {
    return this.nocobase.db.getModel('users').findByPk(String(id));
  }

  async userOf(account: Account): Promise<Model | null> {
    const { userId } = (await this.rowOf(account)) ?? {};
    return userId === undefined ? null : this.user(userId);
  }

  /** The users whom a sign-in with this account leads to. */
  async boundTo({ unionId }: Account): Promise<string[]> {
    return (await this.nocobase.bindings()).filter(({ uuid }) => uuid === unionId).map(({ userId }) => String(userId));
  }

  /** By the titles of departments: whether the user is the owner. */
  async departmentsOf(user: Model | null): Promise<Record<string, boolean>> {
    const { db } = this.nocobase;
    const rows: Model[] = await db.getModel('departmentsUsers').findAll({ where: { userId: user?.get('id') ?? 0 } });
    const departments: Model[] = await db.getModel('departments').findAll();
    const titles = new Map(departments.map((one) => [String(one.get('id')), String(one.get('title'))]));
    return Object.fromEntries(
      rows.map((row) => [titles.get(String(row.get('departmentId'))) ?? '', Boolean(row.get('isOwner'))]),
    );
  }

  /** The department in NocoBase that was made of one in DingTalk. */
  async department(departmentId: number): Promise<Model | null> {
    const { db } = this.nocobase;
    const row: Model | null = await db.getModel('dingtalkDepartments').findOne({ where: { departmentId } });
    return row && db.getModel('departments').findByPk(row.get('nocobaseId'));
  }

  /** Every row of every table, but of those that say what a run did and which tokens are in use. */
  async content(): Promise<object> {
    const all = Object.entries(JSON.parse(await this.nocobase.everything()) as object);
    const told = ['dingtalkRuns', 'dingtalkSources', 'dingtalkEventSources', 'userDataSyncTasks', 'issuedTokens'];
    return Object.fromEntries(all.filter(([name]) => !told.includes(name)));
  }

  /** By table: how many statements write to it meanwhile. */
  async writes(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const { options } = this.nocobase.db.sequelize as unknown as { options: { logging: unknown } };
    const counts: Record<string, number> = {};
    options.logging = (sql: string) => {
      const [, table] = /(?:INSERT (?:IGNORE )?INTO|UPDATE|DELETE FROM) ["`]?(?:public"\.")?(\w+)/.exec(sql) ?? [];
      if (table) {
        counts[table] = (counts[table] ?? 0) + 1;
      }
    };
    await work().finally(() => (options.logging = false));
    return counts;
  }
}
