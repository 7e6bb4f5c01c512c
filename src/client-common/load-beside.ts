import type { ClientApp } from './nocobase';

/**
 * Loads a bundle that lies beside this one and is wanted by few.
 *
 * `import()` does not help here: RequireJS, NocoBase's loader, would seek a chunk by the module's name, of which only
 * the entry has a known address. The query of that address keeps browsers from an outdated copy.
 */
export const loadBeside = <T>(app: ClientApp, file: string): Promise<T> =>
  new Promise((resolve, reject) =>
    app.requirejs.requirejs([import.meta.url.replace(/\w+\.js(?=\?|$)/, file)], resolve, reject),
  );
