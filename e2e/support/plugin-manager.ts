import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import type { Visitor } from './visitor';
import type { World } from './world';

/** NocoBase's plugin manager; only that of v1 takes uploads. */
export class PluginManager {
  constructor(private readonly visitor: Visitor) {}

  async open(): Promise<void> {
    // NocoBase's pages do not expect that it restarts, and load themselves anew some time after that.
    this.visitor.watch.allowError(/AxiosError|status code 50\d|Network Error/);
    await this.visitor.comesAgain();
    await this.visitor.opens('/admin/settings/plugin-manager');
  }

  /** Resolves when the page has seen that NocoBase is done with it. */
  async upload(archive: string): Promise<void> {
    const { page } = this.visitor;
    await page.getByRole('button', { name: 'Add & Update' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add & Update' });
    await dialog.getByText('Upload plugin').click();
    await dialog.locator('input[type=file]').setInputFiles(archive);
    const reloaded = page.waitForEvent('load');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await reloaded;
  }

  /** The card of a plugin, among those of a category. */
  async card(displayName: string, category: string): Promise<Locator> {
    const { page } = this.visitor;
    await page.locator('a').getByText(category, { exact: true }).first().click();
    const card = page.getByRole('button', { name: displayName, exact: true });
    await card.waitFor();
    return card;
  }

  async versionOf(card: Locator): Promise<string> {
    await card.click();
    const version = this.visitor.page
      .getByRole('dialog')
      .locator('.ant-space')
      .getByText(/^\d+\.\d+\.\d+$/);
    return version.innerText();
  }

  async disable(card: Locator): Promise<void> {
    await card.getByRole('switch').click();
    await this.visitor.page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
  }

  /** Resolves when the page has seen that NocoBase is done with it. */
  async remove(card: Locator): Promise<void> {
    const { page } = this.visitor;
    await card.getByText('Remove').click();
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Yes' }).click();
    await reloaded;
  }
}

/** As an administrator does it who has just got the archive. */
export async function uploadAndEnable(visitor: Visitor, archive: string, packageName: string): Promise<void> {
  const manager = new PluginManager(visitor);
  await manager.open();
  await manager.upload(archive);
  const card = await manager.card('DingTalk', 'Authentication');
  expect(await card.innerText()).toContain('Sign in to NocoBase with a DingTalk account.');
  expect(await card.locator('.anticon-warning, .anticon-close-circle').count()).toBe(0);
  await visitor.screenshot(`plugin-manager ${packageName}`);
  await card.getByRole('switch').click();
  await untilEnabled(visitor.world, packageName);
}

/** NocoBase restarts itself to enable or disable a plugin. */
export async function untilEnabled({ nocobase }: World, packageName: string, wanted = true): Promise<void> {
  const isEnabled = async () => {
    const answer = await nocobase.request<{ packageName: string }[]>('pm:listEnabled');
    if (answer.status !== 200) return undefined;
    return answer.body.data.some((plugin) => plugin.packageName === packageName);
  };
  while ((await isEnabled().catch(() => undefined)) !== wanted) await sleep(500);
}
