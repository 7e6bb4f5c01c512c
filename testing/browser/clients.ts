/** NocoBase's two web clients. What a test describes once holds for both. */
export const clients = [
  { client: 'v1', base: '' },
  { client: 'v2', base: '/v' },
] as const;

export type Client = (typeof clients)[number];

export const languages = ['en-US', 'zh-CN'] as const;

/** German is here for its long words. */
export type Language = (typeof languages)[number] | 'de-DE';

/** A page of both clients that is not their first one. It takes the role `admin`. */
export const DEEP_LINK = '/admin/settings/system-settings?from=mail';
