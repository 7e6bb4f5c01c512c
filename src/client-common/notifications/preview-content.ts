import type { MessageContent } from '../../shared/messages';

/** A variable in a template, in double or triple braces. */
const VARIABLE = /\{\{\{?\s*([^{}]*?)\s*\}?\}\}/g;

/** By the last part of its path. */
const named = (text: string) => text.replace(VARIABLE, (_, path: string) => `‹${path.split('.').at(-1)}›`);

/** An address may begin with a variable, whose value nobody knows here: it is shown as one of this NocoBase. */
const addressed = (url: string) => {
  const filled = url.replace(VARIABLE, 'x');
  return filled !== url && !/^(\/|https?:)/i.test(filled) ? '/admin' : filled;
};

/** What is shown of a message before its variables have values. */
export function withNames(content: MessageContent): MessageContent {
  const each = <Value>(value: Value, key = ''): Value =>
    (typeof value === 'string'
      ? (key === 'url' ? addressed : named)(value)
      : Array.isArray(value)
        ? value.map((entry) => each(entry))
        : value && typeof value === 'object'
          ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, each(entry, name)]))
          : value) as Value;
  return each(content);
}
