import type { Locator, Page } from 'playwright-core';
import { until } from '../../dev/until';
import { SOURCE_TYPE } from '../../src/shared/constants';
import type { SourceOptions } from '../../src/shared/directory';
import { press } from './stillness';
import type { Visitor } from './visitor';
import type { Words } from './words';
import { addAuthenticator, type World } from './world';

const FORM_ITEM = '.ant-formily-item, .ant-form-item';
const ADD_NEW = '.ant-btn-primary:has(.anticon-plus)';
/** One of NocoBase's, of a run. */
export interface Task {
  status: string;
  message: string;
}

const DROPDOWN = '.ant-select-dropdown:not(.ant-select-dropdown-hidden)';

export async function removeSources({ api }: World): Promise<void> {
  const sources = await api<{ id: number }[]>('userDataSyncSources:list?pageSize=200');
  for (const { id } of sources) {
    await api(`userDataSyncSources:destroy?filterByTk=${id}`, {});
  }
}

/** A source as its form saves it, and its authenticator. Others go: there is one source of an app. */
export async function saveSource(world: World, name: string, options: SourceOptions = {}): Promise<void> {
  await removeSources(world);
  const { corpId } = world.emulator.data.apps[0];
  const authenticator = await addAuthenticator(world, { name: options.authenticator, title: 'Harbour Tech', corpId });
  const values = { name, sourceType: SOURCE_TYPE, enabled: true, options: { ...options, authenticator } };
  await world.api('userDataSyncSources:create', values);
}

/** Runs a source as NocoBase's own button does. Returns its task when it has ended. */
export async function runSource({ api }: World, source: string, begin?: () => Promise<void>): Promise<Task> {
  const tasks = () => api<Task[]>('userDataSyncTasks:list?sort=-id');
  const before = (await tasks()).length;
  await (begin ? begin() : api(`userData:pull?name=${source}`, {}));
  await until('the run ends', async () => {
    const [last, ...others] = await tasks();
    return others.length >= before && /success|failed/.test(last.status);
  });
  return (await tasks())[0];
}

/** NocoBase's own Settings → Users & Permissions → Synchronize, and the form of one source. Its links are in English. */
export class SourcesPage {
  readonly page: Page;

  constructor(private readonly visitor: Visitor) {
    this.page = visitor.page;
  }

  async open(): Promise<void> {
    await this.visitor.opens('/admin/settings/users-permissions/sync');
    await this.page.locator(ADD_NEW).waitFor();
  }

  async addNew(): Promise<void> {
    await this.page.locator(ADD_NEW).hover();
    await this.page.getByRole('menuitem', { name: this.visitor.words('DingTalk') }).click();
    await this.select('Authenticator').waitFor();
  }

  async configure(source: string): Promise<void> {
    await this.action(source, 'Configure').click();
    await this.form.getByRole('region', { name: this.visitor.words('State') }).waitFor();
  }

  /** One of NocoBase's own links behind a source. */
  action(source: string, name: 'Sync' | 'Tasks' | 'Configure' | 'Delete'): Locator {
    return this.page.getByRole('row').filter({ hasText: source }).getByText(name, { exact: true });
  }

  /** NocoBase's drawer, of a form or of tasks. */
  get form(): Locator {
    return this.page.locator('.ant-drawer-content').last();
  }

  async submitAndClose(): Promise<void> {
    await this.form.getByRole('button', { name: 'Submit' }).click();
    await this.form.waitFor({ state: 'detached' });
  }

  /** Of a form that nothing was changed in, or of tasks. */
  async close(): Promise<void> {
    await this.form.locator('.ant-drawer-close').click();
    await this.form.waitFor({ state: 'detached' });
  }

  /** In a form that has nothing else that is typed above it: NocoBase has other words for it in other languages. */
  async enterName(name: string): Promise<void> {
    await this.form.locator('input[type=text], input:not([type])').first().fill(name);
  }

  async enable(): Promise<void> {
    await this.form.locator(FORM_ITEM).getByRole('checkbox').first().check();
  }

  /** One of our fields that has choices. */
  select(label: Words): Locator {
    return this.form.locator(`.ant-select:has([aria-label="${this.visitor.words(label)}"])`);
  }

  async choose(label: Words, option: string): Promise<void> {
    await this.select(label).click();
    await this.page.locator(`${DROPDOWN} .ant-select-item-option`).filter({ hasText: option }).click();
  }

  /** Names of departments as the tree shows them: those below the root. */
  async chooseDepartment(name: string): Promise<void> {
    const tree = this.select('Departments');
    await tree.click();
    await this.page
      .locator(`${DROPDOWN} .ant-select-tree-treenode`)
      .filter({ hasText: name })
      .locator('.ant-select-tree-checkbox')
      .click();
    await tree.getByText(name, { exact: true }).waitFor();
    await this.page.keyboard.press('Tab');
  }

  button(name: Words): Locator {
    return this.form.getByRole('button', { name: this.visitor.words(name), exact: true });
  }

  get findings(): Locator {
    return this.form.getByRole('list', { name: this.visitor.words('What the check found') }).getByRole('listitem');
  }

  get preview(): Locator {
    return this.form.getByRole('region', { name: this.visitor.words('What a run would do') });
  }

  /** A list of a saved source that has to be opened. */
  async openPanel(label: Words): Promise<void> {
    await this.form
      .locator('.ant-collapse-header')
      .filter({ hasText: this.visitor.words(label) })
      .click();
  }

  /** Says yes to the question that is open. */
  async agrees(action: Words): Promise<void> {
    const dialog = this.page.locator('.ant-modal[role=dialog]');
    await press(dialog.getByRole('button', { name: this.visitor.words(action), exact: true }));
    await dialog.waitFor({ state: 'detached' });
  }
}
