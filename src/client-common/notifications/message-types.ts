import type { MessageContent, MessageType } from '../../shared/messages';
import type { Translate } from '../nocobase';

/** The fields of `content` that hold one text each. */
type TextName = 'title' | 'text' | 'url' | 'button';

interface TextField {
  name: TextName;
  label: string;
  /** Whether it has several lines. */
  isLong?: true;
  means?: string;
}

/** What a list of a message has in each entry. */
interface ListField {
  name: 'buttons' | 'form';
  label: string;
  add: string;
  most: number;
  entries: { name: 'title' | 'url' | 'key' | 'value'; label: string }[];
}

export const typeWords = (t: Translate): Record<MessageType, string> => ({
  text: t('Text'),
  markdown: t('Markdown'),
  actionCard: t('Card with links'),
  oa: t('Form'),
});

export const MESSAGE_TYPES: MessageType[] = ['text', 'markdown', 'actionCard', 'oa'];

/** What a message without a type is, for the server as well. */
export const DEFAULT_TYPE: MessageType = 'text';

const buttonsOf = (t: Translate): ListField => ({
  name: 'buttons',
  label: t('Buttons, in place of the one link'),
  add: t('Add button'),
  most: 5,
  entries: [
    { name: 'title', label: t('Label') },
    { name: 'url', label: t('Address to open') },
  ],
});

const rowsOf = (t: Translate): ListField => ({
  name: 'form',
  label: t('Rows'),
  add: t('Add row'),
  most: 6,
  entries: [
    { name: 'key', label: t('Name') },
    { name: 'value', label: t('Value') },
  ],
});

/** The fields of a type of message, in their order. */
export function fieldsOf(t: Translate, type: MessageType): { texts: TextField[]; lists: ListField[] } {
  const title: TextField = { name: 'title', label: t('Title'), means: t('Default: the first words of the text.') };
  const text: TextField = { name: 'text', label: t('Text'), isLong: true };
  const markdown: TextField = {
    ...text,
    means: t('Markdown: # Heading, **bold**, [link](/admin), - list, > quote, and pictures. No tables, no HTML.'),
  };
  const url: TextField = {
    name: 'url',
    label: t('Address to open'),
    means: t('A path of this NocoBase, such as /admin, or an address of it or of a host that the channel lists.'),
  };
  return {
    text: { texts: [text], lists: [] },
    markdown: { texts: [title, markdown], lists: [] },
    actionCard: {
      texts: [title, markdown, url, { name: 'button' as const, label: t('Label of the link') }],
      lists: [buttonsOf(t)],
    },
    oa: { texts: [title, text, url], lists: [rowsOf(t)] },
  }[type];
}

/** Whether the buttons stand side by side; of a card alone. */
export const layoutWords = (t: Translate): Record<NonNullable<MessageContent['layout']>, string> => ({
  vertical: t('One below the other'),
  horizontal: t('Side by side'),
});
