/** What a button whose authenticator comes first has below it, by which it is told from the others. */
export const MARK = 'data-dingtalk-first';

const hasClass = (element: Element | null | undefined, end: string) =>
  [...(element?.classList ?? [])].some((name) => name.endsWith(end));
const isList = (element: Element | null | undefined) => hasClass(element, '-space');
const isItem = (element: Element | null | undefined) => hasClass(element, '-space-item');

/**
 * What NocoBase's sign-in page has beside the buttons that come first: the forms above them, and other buttons. Both of
 * its clients draw a list of two items, the forms and a list of buttons.
 *
 * @returns undefined where the page is drawn in another way, of which nothing may be hidden: it could be the only way in
 */
function othersBeside(mark: HTMLElement): HTMLElement[] | undefined {
  const item = mark.parentElement;
  const buttons = item?.parentElement;
  const row = buttons?.parentElement;
  const page = row?.parentElement;
  if (!isItem(item) || !isList(buttons) || !isItem(row) || !isList(page)) {
    return undefined;
  }
  const parts = [...page!.children, ...buttons!.children] as HTMLElement[];
  return parts.every(isItem)
    ? parts.filter((part) => part !== row && !part.querySelector(`:scope > [${MARK}]`))
    : undefined;
}

/**
 * Folds away what is beside the buttons that come first. It is hidden, not moved: NocoBase's own order stays, and with it
 * that in which the keyboard and screen readers meet the parts.
 *
 * @param mark the place below the button
 * @returns what unfolds it; undefined where there is nothing to fold, or where it must not be
 */
export function foldOthers(mark: HTMLElement): (() => void) | undefined {
  const others = othersBeside(mark) ?? [];
  // Somebody has begun to type: this bundle came late.
  if (!others.length || others.some((other) => other.contains(document.activeElement))) {
    return undefined;
  }
  others.forEach((other) => other.style.setProperty('display', 'none'));
  const item = mark.parentElement!;
  // A button that came before may have taken this one, which had no mark yet, for one of the others.
  item.style.removeProperty('display');
  // One link is enough.
  const marks = [...item.parentElement!.querySelectorAll<HTMLElement>(`:scope > * > [${MARK}]`)];
  marks.forEach((each) => (each.hidden = each !== marks.at(-1)));
  return () => others.forEach((other) => other.style.removeProperty('display'));
}

/** Where the keyboard goes on when the forms are there: the link that it was on is gone. */
export const focusForm = () => document.querySelector<HTMLElement>('form input:not([type=hidden])')?.focus();
