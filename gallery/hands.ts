import type { Hands } from './states';

const SECONDS_TO_WAIT = 5;

/** Acts on this page as a test does on a page of NocoBase. */
export const hands: Hands = {
  async press(selector) {
    const element = await find(selector);
    element.focus();
    element.click();
  },
  async see(selector) {
    await find(selector);
  },
};

/** The first element of this kind, as soon as it is there. */
async function find(selector: string): Promise<HTMLElement> {
  const deadline = Date.now() + SECONDS_TO_WAIT * 1000;
  for (;;) {
    const element = document.querySelector<HTMLElement>(selector);
    if (element) {
      return element;
    }
    if (Date.now() > deadline) {
      throw new Error(`Not on the page: ${selector}`);
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}
