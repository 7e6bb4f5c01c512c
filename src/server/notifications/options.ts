import type { Application } from '@nocobase/server';
import { parse } from '@nocobase/utils';
import { z } from 'zod';
import type { LinkTarget, TooLong } from '../../shared/messages';
import { CodedError } from '../http/coded-error';

/** What the standard edition of DingTalk lets an organization call in a month. */
export const STANDARD_QUOTA = 5000;

/** The options of a channel, validated. */
export interface ChannelSettings {
  /** Name of the authenticator whose app sends. */
  authenticator: string;
  links: LinkTarget;
  /** Where users open this NocoBase, without a slash at the end; undefined where nobody has said so. */
  address?: URL;
  /** In lower case, as browsers write them, with the port where it is not the usual one. */
  hosts: Set<string>;
  quota: number;
  asksResult: boolean;
  tooLong: TooLong;
  appendsTime: boolean;
}

const flag = z.boolean().nullish();

const optionsSchema = z.object({
  authenticator: z.string().trim().min(1),
  links: z.enum(['app', 'panel', 'browser']).nullish(),
  address: z.string().trim().nullish(),
  hosts: z.array(z.string()).nullish(),
  quota: z.number().int().positive().nullish(),
  asksResult: flag,
  tooLong: z.enum(['shorten', 'refuse']).nullish(),
  appendsTime: flag,
});

/**
 * Options as a channel may be saved with them: what is none of them, such as a secret of the app, is left out. Everybody who
 * manages channels reads them.
 *
 * @throws CodedError CHANNEL_INVALID
 */
export function storableChannel(options: unknown): z.output<typeof optionsSchema> {
  const { data, error } = optionsSchema.safeParse(options);
  if (!data) {
    throw new CodedError('CHANNEL_INVALID', { reason: error?.issues.map(({ path }) => path.join('.')).join(', ') });
  }
  return data;
}

/**
 * The settings of options, with the values of NocoBase's variables. A secret one has none: who writes options would read it
 * in the links of a preview.
 *
 * @throws CodedError CHANNEL_INVALID
 */
export const openChannel = ({ environment }: Pick<Application, 'environment'>, options: unknown): ChannelSettings =>
  parseChannel(parse(options ?? {})({ $env: environment.getNonSecretVariables() }));

/**
 * @param options with the values of variables
 * @throws CodedError CHANNEL_INVALID
 */
export function parseChannel(options: unknown): ChannelSettings {
  const data = storableChannel(options);
  return {
    authenticator: data.authenticator,
    links: data.links ?? 'app',
    address: addressOf(data.address || publicAddress()),
    hosts: new Set((data.hosts ?? []).flatMap(hostOf)),
    quota: data.quota ?? STANDARD_QUOTA,
    asksResult: data.asksResult === true,
    tooLong: data.tooLong ?? 'shorten',
    appendsTime: data.appendsTime !== false,
  };
}

function publicAddress(): string | undefined {
  const { APP_PUBLIC_ORIGIN, APP_PUBLIC_PATH = '/' } = process.env;
  return APP_PUBLIC_ORIGIN && URL.canParse(APP_PUBLIC_PATH, APP_PUBLIC_ORIGIN)
    ? new URL(APP_PUBLIC_PATH, APP_PUBLIC_ORIGIN).href
    : undefined;
}

function addressOf(entered: string | undefined): URL | undefined {
  if (!entered) {
    return undefined;
  }
  const url = URL.canParse(entered) ? new URL(entered) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new CodedError('CHANNEL_INVALID', { reason: 'address' });
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** Whoever pastes an address means its host. What is no host allows nothing. */
function hostOf(entered: string): string[] {
  const address = /^https?:\/\//i.test(entered.trim()) ? entered.trim() : `https://${entered.trim()}`;
  return URL.canParse(address) ? [new URL(address).host] : [];
}
