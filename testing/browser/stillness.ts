import type { Locator, Page } from 'playwright-core';

/** Resolves when nothing moves any more but what turns for ever. */
export async function untilStill(page: Page, timeout = 30_000): Promise<void> {
  await page.waitForFunction(
    () =>
      !document.querySelector(
        '.ant-zoom-appear, .ant-zoom-enter, .ant-motion-collapse, [class*=ant-btn-loading-icon-motion]',
      ) && document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Infinity),
    undefined,
    { timeout },
  );
}

/** For what is in a dialog: while it opens, a click can miss what it hits. */
export async function press(button: Locator): Promise<void> {
  await button.waitFor();
  await untilStill(button.page());
  await button.click();
}
