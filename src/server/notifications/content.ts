import { z } from 'zod';
import { CodedError } from '../http/coded-error';

/** So much of a text is looked at: a multiple of what fits into a message. */
const MAX_LENGTH = 10_000;

/** Control characters, halves of characters, and those that write from the right to the left what reads otherwise. */
const UNSHOWN = /(?!\n)[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A variable of a workflow may be a number, or nothing. */
const text = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .nullish()
  .transform((value) =>
    (value ?? '').slice(0, MAX_LENGTH).replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(UNSHOWN, ''),
  )
  .pipe(z.string().trim());

const list = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .array(entry)
    .max(100)
    .nullish()
    .transform((entries) => entries ?? []);

const contentSchema = z.object({
  type: z.enum(['text', 'markdown', 'actionCard', 'oa']).default('text'),
  title: text,
  text,
  url: text,
  button: text,
  buttons: list(z.object({ title: text, url: text })),
  layout: z.enum(['vertical', 'horizontal']).nullish(),
  form: list(z.object({ key: text, value: text })),
});

/** What a message says, with its variables filled in. */
export type Content = z.output<typeof contentSchema>;

const messageSchema = z.object({
  // Whoever sends without a form, as by the API, writes a text.
  content: z.union([z.string().transform((written) => ({ text: written })), z.looseObject({})]),
});

/** @throws CodedError MESSAGE_INVALID, MESSAGE_EMPTY */
export function parseContent(message: unknown): Content {
  const { data: found } = messageSchema.safeParse(message);
  const { data, error } = contentSchema.safeParse(found?.content);
  if (!data) {
    throw new CodedError('MESSAGE_INVALID', { reason: error?.issues.map(({ path }) => path.join('.')).join(', ') });
  }
  if (![data.text, data.title, ...data.form.flatMap(({ key, value }) => [key, value])].some(Boolean)) {
    throw new CodedError('MESSAGE_EMPTY');
  }
  return data;
}
