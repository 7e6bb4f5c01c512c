import type { Locator, Page } from 'playwright-core';
import { clients, type Client } from './clients';
import { type Place, remember, type Visitor } from './visitor';
import type { Words } from './words';

const FORM_ITEM = '.ant-formily-item, .ant-form-item';
/** NocoBase has no words for these that hold in every language and client. */
const SUBMIT = '.ant-drawer-content .ant-btn-primary';
const ADD_NEW = '.ant-btn-primary:has(.anticon-plus)';

export async function becomeAdministrator({ context, world }: Visitor<Place>): Promise<void> {
  await remember(context, world, { NOCOBASE_TOKEN: world.token, NOCOBASE_AUTH: 'basic' });
}

export const otherClient = ({ client }: Client): Client => clients[client === 'v1' ? 1 : 0];

/** Settings → Authentication → Authenticators, and the form of one authenticator. */
export class SettingsPage {
  readonly page: Page;

  constructor(private readonly visitor: Visitor) {
    this.page = visitor.page;
  }

  async open({ base }: Client = this.visitor.client): Promise<void> {
    await this.page.goto(`${this.visitor.world.nocobase.url}${base}/admin/settings/auth/authenticators`);
    await this.page.locator(ADD_NEW).waitFor();
  }

  async addNew(): Promise<void> {
    await this.page.locator(ADD_NEW).hover();
    await this.page.getByRole('menuitem', { name: this.visitor.words('DingTalk') }).click();
    await this.formIsShown();
  }

  async configure(title: string): Promise<void> {
    // The last action deletes.
    await this.page.getByRole('row').filter({ hasText: title }).locator('td').last().locator('a').first().click();
    await this.formIsShown();
  }

  async submit(): Promise<void> {
    await this.page.locator(SUBMIT).click();
  }

  async submitAndClose(): Promise<void> {
    await this.submit();
    await this.page.locator(SUBMIT).waitFor({ state: 'detached' });
  }

  /** The row of the form that has this label. */
  item(label: string): Locator {
    return this.page.locator(FORM_ITEM).filter({ has: this.page.locator('label').getByText(label, { exact: true }) });
  }

  input(label: string): Locator {
    return this.item(label).locator('input:visible');
  }

  async enter(label: string, text: string): Promise<void> {
    await this.item(label).locator('[contenteditable], input:visible').first().click();
    // By pasting, as users do. NocoBase's fields for variables mix up letters that are typed faster than they render.
    await this.page.keyboard.insertText(text);
  }

  async pickVariable(label: string, variable: string): Promise<void> {
    const names = this.page.getByRole('menuitemcheckbox', { name: variable });
    // NocoBase's menu stays empty if it is opened before its variables have come, as on a busy machine.
    for (let attempt = 0; attempt < 5 && !(await names.isVisible()); attempt++) {
      await this.item(label).locator('button').filter({ hasText: 'x' }).click();
      await this.page
        .getByRole('menuitemcheckbox')
        .first()
        .click({ timeout: 5000 })
        .catch(() => undefined);
      await names.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await names.click();
  }

  get autoSignup(): Locator {
    return this.page.getByRole('checkbox', {
      name: this.visitor.words('Sign up automatically when the user does not exist'),
    });
  }

  get redirectUrl(): Locator {
    return this.input(this.visitor.words('Redirect URL'));
  }

  async copyRedirectUrl(): Promise<void> {
    // Ant Design sets two Chinese characters of a button apart.
    const name = this.visitor.words('Copy').replace(/^(\p{Script=Han})(\p{Script=Han})$/u, '$1 $2');
    await this.page.getByRole('button', { name, exact: true }).click();
    await this.page.getByText(this.visitor.words('Copied'), { exact: true }).waitFor();
  }

  /** What the clipboard holds, as a account finds out. */
  async pasteInto(label: string): Promise<string> {
    await this.input(label).click();
    await this.page.keyboard.press('ControlOrMeta+V');
    return this.input(label).inputValue();
  }

  get checkButton(): Locator {
    return this.page.getByRole('button', { name: this.visitor.words('Check configuration') });
  }

  get testButton(): Locator {
    return this.page.getByRole('button', { name: this.visitor.words('Test sign-in') });
  }

  /** What a check found, line by line: how it stands and what it says. */
  get findings(): Locator {
    return this.findingsIn(this.page);
  }

  /** The same, of a test, which has a tab of its own. */
  findingsIn(page: Page): Locator {
    return page.getByRole('list', { name: this.visitor.words('What the check found') }).getByRole('listitem');
  }

  finding(code: Words): Locator {
    return this.findings.filter({ hasText: this.visitor.words(code).split(/[({]/)[0] });
  }

  async check(): Promise<void> {
    await this.checkButton.click();
    await this.findings.first().waitFor();
  }

  private async formIsShown(): Promise<void> {
    await this.redirectUrl.waitFor();
  }
}
