import type { Locator } from 'playwright-core';
import { passwordSignIn } from './over-http';
import { press } from './stillness';
import type { Visitor } from './visitor';
import type { World } from './world';

export const ACCOUNT_PAGE = '/admin/dingtalk';

let born = 0;

/** A user of NocoBase who signs in with a password. */
export async function addUserWithPassword({ api }: World, values: object = {}) {
  const username = `colleague-${++born}`;
  const password = 'a good password';
  const roles = [{ name: 'member' }];
  const { id } = await api<{ id: number }>('users:create', {
    username,
    nickname: username,
    password,
    roles,
    ...values,
  });
  return { id, username, password };
}

/** As NocoBase's form does it, which takes seconds to show. */
export async function signInWithPassword(
  visitor: Visitor,
  { username, password }: { username: string; password: string },
): Promise<void> {
  const { nocobase } = visitor.world;
  const token = await passwordSignIn(visitor.world, { username, password });
  await visitor.page.goto(`${nocobase.apiUrl}/__health_check`);
  await visitor.page.evaluate((jwt) => {
    localStorage.setItem('NOCOBASE_TOKEN', jwt);
    localStorage.setItem('NOCOBASE_AUTH', 'basic');
  }, token);
}

/** Where a user links and unlinks the DingTalk account. */
export class AccountPage {
  constructor(private readonly visitor: Visitor) {}

  /** By NocoBase's menu of the user. */
  async openFromMenu(): Promise<void> {
    await this.visitor.opens('/admin');
    await this.openFromHere();
  }

  /** By the same menu, from any of NocoBase's pages. */
  async openFromHere(): Promise<void> {
    const { page } = this.visitor;
    await this.visitor.seesNocoBase();
    await page.getByTestId('user-center-button').first().hover();
    await page.getByText(this.visitor.words('DingTalk account'), { exact: true }).click();
    await this.isShown();
  }

  async open(): Promise<void> {
    await this.visitor.opens(ACCOUNT_PAGE);
    await this.isShown();
  }

  async isShown(): Promise<void> {
    await this.visitor.arrivesAt(ACCOUNT_PAGE);
    await this.visitor.page.getByRole('heading', { name: this.visitor.words('DingTalk account') }).waitFor();
  }

  link(title: string): Locator {
    return this.visitor.page.getByRole('button', { name: `${this.visitor.words('Link')}: ${title}`, exact: true });
  }

  unlink(title: string): Locator {
    return this.visitor.page.getByRole('button', { name: `${this.visitor.words('Unlink')}: ${title}`, exact: true });
  }

  row(title: string): Locator {
    return this.visitor.page.getByRole('listitem').filter({ hasText: title });
  }

  async confirms(): Promise<void> {
    const dialog = this.visitor.page.getByRole('dialog');
    await press(dialog.getByRole('button', { name: this.visitor.words('Unlink'), exact: true }));
  }

  /** The question about the account that waits. */
  question(): Locator {
    const name = this.visitor.words('Link this DingTalk account with your user?');
    return this.visitor.page.getByRole('dialog', { name, exact: true });
  }

  /** Says that the account that is named is the user's own. */
  async confirmsLink(nick: string): Promise<void> {
    await this.question().getByText(nick, { exact: true }).waitFor();
    await press(this.question().locator('.ant-btn-primary'));
  }

  async says(text: string): Promise<void> {
    await this.visitor.page.getByRole('status').filter({ hasText: text }).waitFor();
  }
}
