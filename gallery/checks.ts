import type { Locator, Page } from 'playwright-core';
import { faultsOf } from '../testing/browser/axe';
import type { State } from './states';

/** Our parts of the page that shows a state. */
export const partsOf = (page: Page, { ours }: State): Locator => page.locator(ours);

/** What our parts of the page say, as a screen reader tells it. The time of a failure is another each time. */
export async function recordOf(page: Page, state: State): Promise<string> {
  const parts = await partsOf(page, state).all();
  const told = (await Promise.all(parts.map((part) => part.ariaSnapshot()))).join('\n');
  return told.replace(/\d{4}-\d\d-\d\d [\d:]{8} UTC[+-][\d:]{5}/g, '(a time)');
}

export const axeFaults = (page: Page, state: State): Promise<string[]> => faultsOf(partsOf(page, state), state.notOurs);

/** What is wider than the window, or than the button that it stands in. */
export function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    const buttons = [...document.querySelectorAll<HTMLElement>('button, a.ant-btn')];
    const clipped = buttons.filter((button) => button.scrollWidth > button.clientWidth);
    return [
      ...(scrollWidth > innerWidth ? [`The page is ${scrollWidth} pixels wide.`] : []),
      ...clipped.map(({ innerText }) => `The text does not fit into the button: ${innerText}`),
    ];
  });
}
