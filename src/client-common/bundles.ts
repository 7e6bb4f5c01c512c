import type { ClientPlugin } from './nocobase';

/**
 * A bundle's default export is a function of the plugin that returns what the bundle gives: most often a component,
 * `(plugin) => Component`, or a promise of one.
 *
 * React's own ways, a prop or a context, do not reach here: NocoBase renders the components that a plugin registers, and
 * passes none of the plugin's props; a context would need a provider around NocoBase's pages. And the button and the
 * callback page have to fit into 1,536 bytes, see e2e/size.browser.test.ts. A closure costs none.
 */
interface Bundle {
  default(plugin: ClientPlugin): unknown;
}

/**
 * Loads a bundle that lies beside this one and that few pages need.
 *
 * `import()` does not work here: RequireJS, NocoBase's loader, would look for a chunk by its module name, and NocoBase
 * tells it the address of the entry alone. The query of that address is kept, else browsers would keep an outdated copy.
 */
export const loadBundle = <T extends Bundle>(plugin: ClientPlugin, file: string) =>
  new Promise<T>((resolve, reject) =>
    plugin.app.requirejs.requirejs([import.meta.url.replace(/\w+(?=\.\w+(\?|$))/, file)], resolve, reject),
  ).then((bundle) => bundle.default(plugin) as Awaited<ReturnType<T['default']>>);
