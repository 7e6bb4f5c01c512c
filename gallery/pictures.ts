import { join } from 'node:path';
import { ROOT } from '../dev/paths';
import type { Client, Size, Theme } from './look';

/**
 * The pictures of the documents, and beside them what a screen reader told of each when it was taken. A test compares
 * that with today's pages: of a PNG alone nothing would tell that it shows a page as it was.
 */
export const IMAGES = join(ROOT, 'docs', 'images');
export const RECORDS = join(IMAGES, 'states.json');

export interface Picture {
  /** Name of a state of the gallery. */
  state: string;
  client: Client;
  theme: Theme;
  size: Size;
  language: string;
  /** Where it is taken: in a NocoBase where its own page around ours matters, else in the gallery, of our parts alone. */
  from: 'nocobase' | 'gallery';
}

type More = Partial<Pick<Picture, 'theme' | 'size' | 'language'>>;

/** The same picture of each client. */
const both = (state: string, from: Picture['from'], more: More = {}): Picture[] =>
  (['v1', 'v2'] as const).map((client) => one(state, client, from, more));

const one = (state: string, client: Client, from: Picture['from'], more: More = {}): Picture => ({
  state,
  client,
  from,
  theme: 'compact',
  size: 'desktop',
  language: 'en-US',
  ...more,
});

export const pictures: readonly Picture[] = [
  ...both('sign-in', 'nocobase'),
  ...both('sign-in', 'nocobase', { language: 'zh-CN' }),
  ...both('sign-in', 'nocobase', { size: 'phone' }),
  // v2 has no dark theme before a user is signed in.
  one('sign-in', 'v1', 'nocobase', { theme: 'dark' }),
  ...both('settings', 'nocobase'),
  ...both('settings', 'nocobase', { language: 'zh-CN' }),
  ...both('settings-check', 'nocobase'),
  ...both('linked-users', 'nocobase'),
  ...both('source-form', 'nocobase'),
  ...both('source-check', 'nocobase'),
  ...both('source-preview', 'nocobase'),
  ...both('source-stopped', 'nocobase'),
  ...both('source-report', 'nocobase'),
  // The part of a form that both clients share; the gallery has it in one of them.
  one('source-stream', 'v2', 'gallery'),
  one('source-http-keys', 'v2', 'gallery'),
  one('channel-form', 'v2', 'gallery'),
  one('channel-test', 'v2', 'gallery'),
  one('message-card', 'v2', 'gallery'),
  one('message-form', 'v2', 'gallery'),
  ...both('refused', 'gallery'),
  ...both('failure', 'gallery'),
  ...both('account-not-linked', 'gallery'),
  ...both('account-linked', 'gallery'),
  ...both('account-only-way-in', 'gallery'),
  ...both('inside-dingtalk', 'gallery', { size: 'phone' }),
];

/** `sign-in-v1`, `sign-in-v1-dark`, `sign-in-v1.zh-CN` */
export function nameOf({ state, client, theme, size, language }: Picture): string {
  const parts = [state, client, theme === 'dark' && 'dark', size === 'phone' && 'phone'];
  return parts.filter(Boolean).join('-') + (language === 'en-US' ? '' : `.${language}`);
}
