import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { isEnabled, isHealthy } from '../../dev/nocobase-process';
import { readPackageJson, type PackageJson } from '../../dev/paths';
import { until } from '../../dev/until';
import { press } from './stillness';
import type { Visitor } from './visitor';

/** NocoBase's plugin manager; only that of v1 takes uploads. */
export class PluginManager {
  constructor(private readonly visitor: Visitor) {}

  /** In a new window: one that saw NocoBase at work may load itself anew at any time. */
  async open(): Promise<void> {
    // NocoBase's pages do not expect that it restarts.
    this.visitor.watch.allowError(/AxiosError|status code 50\d|Network Error/);
    await this.visitor.comesAgain();
    await this.visitor.opens('/admin/settings/plugin-manager');
  }

  async upload(archive: string, { name, version }: PackageJson): Promise<void> {
    const { page } = this.visitor;
    await page.getByRole('button', { name: 'Add & Update' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add & Update' });
    await press(dialog.getByText('Upload plugin'));
    await dialog.locator('input[type=file]').setInputFiles(archive);
    await this.change(dialog.getByRole('button', { name: 'Submit' }), name, version);
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

  async enable(card: Locator, { name }: PackageJson): Promise<void> {
    await card.getByRole('switch').click();
    await this.untilEnabled(name, true);
  }

  async disable(card: Locator, { name }: PackageJson): Promise<void> {
    await card.getByRole('switch').click();
    await press(this.visitor.page.getByRole('dialog').getByRole('button', { name: 'OK' }));
    await this.untilEnabled(name, false);
  }

  async remove(card: Locator, { name }: PackageJson): Promise<void> {
    const { page } = this.visitor;
    await card.getByText('Remove').click();
    await this.change(page.getByRole('button', { name: 'Yes' }), name, undefined);
  }

  /** Resolves when the page has seen that NocoBase is done with what the button begins, and it is. */
  private async change(button: Locator, name: string, version: string | undefined): Promise<void> {
    const { request, dir } = this.visitor.world.nocobase;
    await Promise.all([this.visitor.page.waitForEvent('load'), press(button)]);
    const folder = path.join(dir, 'node_modules', name);
    const installed = () => (existsSync(folder) ? readPackageJson(folder).version : undefined);
    await until(`${name} ${version ?? 'removed'}`, async () => (await isHealthy(request)) && installed() === version);
  }

  private untilEnabled(name: string, wanted: boolean): Promise<void> {
    const { request } = this.visitor.world.nocobase;
    const what = `${name} ${wanted ? 'enabled' : 'disabled'}`;
    return until(what, async () => (await isEnabled(request, name)) === wanted);
  }
}

/** As an administrator does it who has just got the archive. */
export async function uploadAndEnable(visitor: Visitor, archive: string, plugin: PackageJson): Promise<void> {
  const manager = new PluginManager(visitor);
  await manager.open();
  await manager.upload(archive, plugin);
  await manager.open();
  const card = await manager.card('DingTalk', 'Authentication');
  expect(await card.innerText()).toContain('Sign in to NocoBase with a DingTalk account.');
  expect(await card.locator('.anticon-warning, .anticon-close-circle').count()).toBe(0);
  await visitor.screenshot(`plugin-manager ${plugin.name}`);
  await manager.enable(card, plugin);
}
