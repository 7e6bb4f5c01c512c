import path from 'node:path';
import type { Page } from 'playwright-core';
import { STATE } from '../../dev/paths';

/** Kept in `.nocobase/screenshots/`, which git ignores. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  const file = `${name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120)}.png`;
  await page.screenshot({ path: path.join(STATE, 'screenshots', file) });
}
