import { act, cleanup, configure, fireEvent } from '@testing-library/react';

// jsdom computes styles by going through all rules of Ant Design for every element, and a search by role and name asks
// for the styles of all that is there: seconds a test. Layout and visibility are for the gallery, in a browser.
configure({ defaultHidden: true });

Object.assign(window, {
  // Ant Design asks by it for the width of the window. Here it is that of a desktop.
  matchMedia: (media: string) => ({
    media,
    matches: !media.includes('max-width'),
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
  getComputedStyle: ({ style }: HTMLElement) => style,
});

// jsdom has no layout, so there is nothing to scroll.
Element.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
});

/** Lets promises and React come to rest. */
export const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve)));

export async function click(element: Element): Promise<void> {
  fireEvent.click(element);
  await settle();
}

/** The page is shown as it was left, after the way back from DingTalk. */
export const comeBack = () => act(() => void window.dispatchEvent(new Event('pageshow')));
