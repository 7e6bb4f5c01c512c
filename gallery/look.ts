/** NocoBase's two web clients. */
export const clients = ['v1', 'v2'] as const;
export type Client = (typeof clients)[number];

/** `compact` is the theme of a new NocoBase, and light. */
export const themes = ['compact', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Has a page that is open change its theme, so that a test need not load it once more. */
export const THEME_EVENT = 'gallery-theme';

/** Sizes of a window. */
export const sizes = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 780, height: 1024 },
  phone: { width: 390, height: 844 },
  /** The narrowest phones that are still common. */
  narrow: { width: 360, height: 740 },
} as const;
export type Size = keyof typeof sizes;

/** How a state is looked at. The size is the window's. */
export interface Look {
  client: Client;
  theme: Theme;
  /** Of `src/locale`. */
  language: string;
}

const USUAL: Look = { client: 'v1', theme: 'compact', language: 'en-US' };

/** The address of a state's page, which `lookOf` reads. */
export function addressOf(state: string, look: Partial<Look> = {}): string {
  return `/state.html?${new URLSearchParams({ state, ...USUAL, ...look })}`;
}

export function lookOf(query: URLSearchParams): Look {
  const one = <T extends string>(key: keyof Look, known: readonly T[]): T =>
    known.find((each) => each === query.get(key)) ?? known[0];
  return {
    client: one('client', clients),
    theme: one('theme', themes),
    language: query.get('language') ?? USUAL.language,
  };
}
