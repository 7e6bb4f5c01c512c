import type { Locator, Page } from 'playwright-core';
import type { Visitor } from './visitor';
import type { Words } from './words';

const ADD_NEW = '.ant-btn-primary:has(.anticon-plus)';
const DROPDOWN = '.ant-select-dropdown:not(.ant-select-dropdown-hidden)';

/** NocoBase's own Settings → Notification manager → Channels, and the form of one channel. Its links are in English. */
export class ChannelsPage {
  readonly page: Page;

  constructor(private readonly visitor: Visitor) {
    this.page = visitor.page;
  }

  async open(): Promise<void> {
    await this.visitor.opens('/admin/settings/notification-manager/channels');
    await this.page.locator(ADD_NEW).waitFor();
  }

  async addNew(): Promise<void> {
    await this.page.locator(ADD_NEW).hover();
    await this.page.getByRole('menuitem', { name: this.visitor.words('DingTalk') }).click();
    await this.select('Authenticator').waitFor();
  }

  get form(): Locator {
    return this.page.locator('.ant-drawer-content').last();
  }

  async enterTitle(title: string): Promise<void> {
    await this.form
      .locator('.ant-formily-item, .ant-form-item')
      .filter({ hasText: 'Channel display name' })
      .getByRole('textbox')
      .fill(title);
  }

  /** One of our fields that has choices. */
  select(label: Words): Locator {
    return this.form.locator(`.ant-select:has([aria-label="${this.visitor.words(label)}"])`);
  }

  /** @param search what is typed to find the option */
  async choose(label: Words, option: string, search?: string): Promise<void> {
    await this.select(label).click();
    if (search) {
      await this.page.keyboard.type(search);
    }
    await this.page.locator(`${DROPDOWN} .ant-select-item-option`).filter({ hasText: option }).click();
  }

  /** Presses Send a test; what became of it. */
  async sendTest(): Promise<Locator> {
    const trial = this.form.locator('section').filter({ hasText: this.visitor.words('Send a test') });
    await trial.getByRole('button', { name: this.visitor.words('Send a test') }).click();
    return trial.getByRole('listitem');
  }

  async submitAndClose(): Promise<void> {
    await this.form.getByRole('button', { name: 'Submit' }).click();
    await this.form.waitFor({ state: 'detached' });
  }
}
