import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import type { Visitor } from './visitor';
import type { World } from './world';

/** NocoBase's plugin manager; only that of v1 takes uploads. */
export class PluginManager {
  constructor(private readonly visitor: Visitor) {}

  async open(): Promise<void> {
    await this.visitor.opens('/admin/settings/plugin-manager');
  }

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
}

/** NocoBase restarts itself to enable a plugin. */
export async function untilEnabled({ nocobase }: World, packageName: string): Promise<void> {
  const isEnabled = async () => {
    const answer = await nocobase.request<{ packageName: string }[]>('pm:listEnabled');
    return answer.status === 200 && answer.body.data.some((plugin) => plugin.packageName === packageName);
  };
  while (!(await isEnabled().catch(() => false))) await sleep(500);
}
