/** What a button whose authenticator comes first has below it, by which it is told from the others. */
export const MARK = 'data-dingtalk-first';

/** Whether it is a part of one of antd's lists, which have nothing else. */
const isItem = ({ classList }: Element) => [...classList].some((name) => name.endsWith('-space-item'));

interface Parts {
  /** That of the button. */
  item: HTMLElement;
  /** The list of all buttons. */
  buttons: HTMLElement;
  /** The forms, and the buttons that do not come first. */
  others: HTMLElement[];
}

/**
 * The parts of NocoBase's sign-in page. Both of its clients draw a list of two items, the forms and a list of buttons.
 *
 * @returns undefined where the page is drawn in another way, of which nothing may be hidden: it could be the only way in
 */
function partsAround(mark: HTMLElement): Parts | undefined {
  const item = mark.parentElement;
  const buttons = item?.parentElement;
  const row = buttons?.parentElement;
  const page = row?.parentElement;
  if (!item || !buttons || !row || !page) {
    return undefined;
  }
  const parts = [...page.children, ...buttons.children] as HTMLElement[];
  const others = parts.filter((part) => part !== row && !part.querySelector(`:scope > [${MARK}]`));
  return parts.every(isItem) ? { item, buttons, others } : undefined;
}

/**
 * Folds away what is beside the buttons that come first. It is hidden, not moved: NocoBase's own order stays, and with it
 * that in which the keyboard and screen readers meet the parts.
 *
 * @param mark the place below the button
 * @returns what unfolds it; undefined where there is nothing to fold, or where it must not be
 */
export function foldOthers(mark: HTMLElement): (() => void) | undefined {
  const parts = partsAround(mark);
  // Somebody has begun to type: this bundle came late.
  if (!parts?.others.length || parts.others.some((other) => other.contains(document.activeElement))) {
    return undefined;
  }
  const { item, buttons, others } = parts;
  others.forEach((other) => other.style.setProperty('display', 'none'));
  // A button that came before may have taken this one, which had no mark yet, for one of the others.
  item.style.removeProperty('display');
  // One link is enough.
  const marks = [...buttons.querySelectorAll<HTMLElement>(`:scope > * > [${MARK}]`)];
  marks.forEach((each) => (each.hidden = each !== marks.at(-1)));
  return () => others.forEach((other) => other.style.removeProperty('display'));
}

/** The button of the plugin, which leaves for DingTalk. */
export const buttonAbove = (mark: HTMLElement | null) => mark?.parentElement?.querySelector('button');

/** Where the keyboard goes on when the forms are there: the link that it was on is gone. */
export const focusForm = () => document.querySelector<HTMLElement>('form input:not([type=hidden])')?.focus();
