import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import { readPackageJson, type PackageJson } from '../../dev/paths';
import { press } from './stillness';
import type { Visitor } from './visitor';
import type { World } from './world';

const SECONDS_TO_WAIT = 120;

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

  /** Resolves when the page has seen that NocoBase is done with it, and it is. */
  async upload(archive: string, { name, version }: PackageJson): Promise<void> {
    const { page } = this.visitor;
    await page.getByRole('button', { name: 'Add & Update' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add & Update' });
    await press(dialog.getByText('Upload plugin'));
    await dialog.locator('input[type=file]').setInputFiles(archive);
    const reloaded = page.waitForEvent('load');
    await press(dialog.getByRole('button', { name: 'Submit' }));
    await reloaded;
    await this.untilInstalled(name, version);
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

  /** Resolves when the page has seen that NocoBase is done with it, and it is. */
  async remove(card: Locator, { name }: PackageJson): Promise<void> {
    const { page } = this.visitor;
    await card.getByText('Remove').click();
    const reloaded = page.waitForEvent('load');
    await press(page.getByRole('button', { name: 'Yes' }));
    await reloaded;
    await this.untilInstalled(name, undefined);
  }

  private untilInstalled(name: string, version: string | undefined): Promise<void> {
    const folder = join(this.visitor.world.nocobase.dir, 'node_modules', name);
    const installed = () => {
      try {
        return readPackageJson(folder).version;
      } catch {
        return undefined;
      }
    };
    return until(this.visitor.world, `${name} ${version ?? 'removed'}`, () => installed() === version);
  }

  private untilEnabled(name: string, wanted: boolean): Promise<void> {
    return until(
      this.visitor.world,
      `${name} ${wanted ? 'enabled' : 'disabled'}`,
      (enabled) => enabled.includes(name) === wanted,
    );
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

/** NocoBase does such things after its answer, and answers nothing while it does them. */
async function until({ nocobase }: World, what: string, holds: (enabled: string[]) => boolean): Promise<void> {
  const deadline = Date.now() + SECONDS_TO_WAIT * 1000;
  const isSo = async () => {
    const { status, body } = await nocobase.request<{ packageName: string }[]>('pm:listEnabled');
    return status === 200 && holds(body.data.map(({ packageName }) => packageName));
  };
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Not within ${SECONDS_TO_WAIT} s: ${what}`);
    await sleep(500);
  }
}
