export const packageOf = (plugin: string) => `@nocobase/plugin-${plugin}`;

/**
 * What stays enabled in the databases of tests that run a whole NocoBase, and is there at all. Each of NocoBase's other
 * sixty plugins is loaded, parsed and run by every page, and by NocoBase, which takes half as long again to start; no
 * page that these tests look at shows anything of them. The test of the package itself runs with all of them.
 */
export const FEW_PLUGINS: readonly string[] = [
  ...['acl', 'auth', 'client', 'data-source-main', 'data-source-manager', 'environment-variables', 'error-handler'],
  ...['field-sort', 'file-manager', 'flow-engine', 'logger', 'system-settings', 'theme-editor', 'ui-layout'],
  ...['ui-schema-storage', 'users'],
].map(packageOf);
