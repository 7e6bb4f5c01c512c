import { act, cleanup, configure, fireEvent } from '@testing-library/react';

// Whether an element is hidden takes jsdom longer than all the rest: it computes the styles of all that is around it.
configure({ defaultHidden: true });

const { getComputedStyle } = window;

Object.assign(window, {
  // Ant Design asks by it for the width of the window. Here it is that of a desktop.
  matchMedia: (media: string) => ({
    media,
    matches: !media.includes('max-width'),
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
  // Ant Design measures the bar of `::-webkit-scrollbar`, and jsdom complains of every pseudo-element.
  getComputedStyle: (element: Element) => getComputedStyle(element),
});

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
