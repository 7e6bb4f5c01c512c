import type { ClientPlugin } from './nocobase';

interface Bundle {
  default(plugin: ClientPlugin): unknown;
}

/**
 * What a bundle gives that lies beside this one and is wanted by few.
 *
 * `import()` does not help here: RequireJS, NocoBase's loader, would seek a chunk by the module's name, of which only
 * the entry has a known address. The query of that address keeps browsers from an outdated copy.
 */
export const loadBeside = <T extends Bundle>(plugin: ClientPlugin, file: string) =>
  new Promise<T>((resolve, reject) =>
    plugin.app.requirejs.requirejs([import.meta.url.replace(/\w+\.js(?=\?|$)/, file)], resolve, reject),
  ).then((bundle) => bundle.default(plugin) as ReturnType<T['default']>);
