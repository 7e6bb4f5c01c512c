import { type Place, placeOf, redirectTarget, withBase } from '../authorization/return-path';
import type { ChannelSettings } from './options';

/** What links are made of, besides what a message says. */
export interface LinkSettings extends Pick<ChannelSettings, 'links' | 'address' | 'hosts'> {
  corpId?: string;
  agentId?: string;
}

/** A link that may be sent. */
export interface Link {
  /** As it is sent: wrapped, unless it is a picture or a file. */
  address: string;
  /** The same as http(s), which is shorter. */
  plain: string;
}

/**
 * The link that a message asks for, or undefined where it leads elsewhere than to this NocoBase or a host of the channel:
 * content may be a text of whoever wrote a record, and what leads out of a message of the company's own app is taken for
 * the company's. `dingtalk:` is made here alone.
 */
export function linkTo(wanted: unknown, settings: LinkSettings): Link | undefined {
  const target = targetOf(wanted, settings);
  switch (target?.place) {
    case 'page':
      return { plain: target.address, address: wrap(target.address, settings) };
    case 'file':
    case 'host':
      return { plain: target.address, address: opened(target.address, 'browser') };
    default:
      return undefined;
  }
}

/** The address of a picture, likewise. */
export function pictureAt(wanted: unknown, settings: LinkSettings): string | undefined {
  const target = targetOf(wanted, settings);
  return target?.place === 'file' || target?.place === 'host' ? target.address : undefined;
}

interface Target {
  address: string;
  place: Place | 'host';
}

function targetOf(wanted: unknown, { address: own, hosts }: LinkSettings): Target | undefined {
  if (typeof wanted !== 'string') {
    return undefined;
  }
  const text = wanted.trim();
  if (text.startsWith('/')) {
    return own && ownTarget(text, own);
  }
  // What a browser would read in another way than this parser: backslashes, blanks, line breaks in the middle.
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  if (url.username || url.password) {
    return undefined;
  }
  if (own && url.host === own.host) {
    return ownTarget(url.pathname + url.search + url.hash, own, 'whole');
  }
  return hosts.has(url.host) ? { address: escaped(url.href), place: 'host' } : undefined;
}

/** @param path below the base of the client; whole where it is part of an address */
function ownTarget(path: string, own: URL, kind: 'relative' | 'whole' = 'relative'): Target | undefined {
  const base = own.pathname.replace(/\/$/, '');
  const target = redirectTarget(path);
  if (target === undefined) {
    return undefined;
  }
  const place = placeOf(target, base);
  // Files are of the whole server, whatever the client.
  const full = place === 'page' && kind === 'relative' ? withBase(target, base) : target;
  return full === undefined ? undefined : { address: escaped(own.origin + full), place };
}

/** Without what ends a link of Markdown, or what might begin another address. */
function escaped(address: string): string {
  const [scheme, ...rest] = address.split('://');
  const path = rest
    .join('%3A//')
    .replace(/[()[\]<>'"`*|\\ ]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${scheme}://${path}`;
}

/** So that the page opens where the channel says. In the app's own window, it signs in by itself. */
function wrap(address: string, { links, corpId, agentId }: LinkSettings): string {
  if (links !== 'app' || !corpId || !agentId) {
    return opened(address, links === 'browser' ? 'browser' : 'panel');
  }
  return dingTalkAddress('action/openapp', {
    corpid: corpId,
    container_type: 'work_platform',
    app_id: `0_${agentId}`,
    redirect_type: 'jump',
    redirect_url: address,
  });
}

const opened = (address: string, where: 'panel' | 'browser') =>
  dingTalkAddress('page/link', { url: address, pc_slide: String(where === 'panel') });

const dingTalkAddress = (path: string, parameters: Record<string, string>) =>
  // Not by URLSearchParams, which writes a blank as `+`.
  `dingtalk://dingtalkclient/${path}?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`;
