/** In place of `@nocobase/client`: what an entry of the v1 client needs to register its pages. */
export class Plugin {
  app?: object;
}

/** NocoBase renders the settings form of v1, so the gallery has none. */
export const lazy = () => () => null;
