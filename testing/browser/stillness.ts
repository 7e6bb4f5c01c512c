import type { Locator, Page } from 'playwright-core';

/**
 * Resolves when nothing moves any more but what turns for ever.
 *
 * The loading icon of Ant Design's buttons leaves when its own transition ends. NocoBase's transitions are so short that
 * a busy browser draws none of it, and then the icon stays for ever, without width. It counts as gone, and is hidden from
 * what a screen reader is told.
 */
export async function untilStill(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const icons = [...document.querySelectorAll('[class*=ant-btn-loading-icon-motion-leave]')];
    return (
      !document.querySelector('.ant-zoom-appear, .ant-zoom-enter, .ant-motion-collapse') &&
      icons.every((icon) => icon.getBoundingClientRect().width === 0) &&
      document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Infinity)
    );
  });
  await page.evaluate(() => {
    for (const icon of document.querySelectorAll<HTMLElement>('[class*=ant-btn-loading-icon-motion-leave]')) {
      icon.hidden = true;
    }
  });
}

/** For what is in a dialog: while it opens, a click can miss what it hits. */
export async function press(button: Locator): Promise<void> {
  await button.waitFor();
  await untilStill(button.page());
  await button.click();
}
