import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './environment';
import { MODULES, NOCOBASE_APP, readPackageJson, ROOT, type PackageJson } from './paths';

/**
 * Lays out the folder that a NocoBase installation has, with links to the packages of the checkout.
 * @param plugins packages of NocoBase's plugins that are there. It loads each when it starts, enabled or not.
 */
export async function prepareWorkspace(dir: string, env: Environment, plugins: Plugins): Promise<void> {
  await mkdir(env.PLUGIN_STORAGE_PATH, { recursive: true });
  await mkdir(path.join(dir, 'storage', 'db'), { recursive: true });
  await linkModules(env.NODE_MODULES_PATH, plugins);
  await layOutPages(path.join(env.APP_PACKAGE_ROOT, 'dist', 'client'), env);
}

type Plugins = readonly string[] | 'all';

const PLUGIN = /^@nocobase\/plugin-/;

async function linkModules(target: string, plugins: Plugins): Promise<void> {
  await rm(target, { recursive: true, force: true });
  // NocoBase links plugins into this scope, so it must be a folder of its own.
  const scope = path.basename(path.join(NOCOBASE_APP, '..'));
  await mkdir(path.join(target, scope), { recursive: true });
  const own = readPackageJson(ROOT).name;
  const packages = (await readdir(MODULES)).filter((name) => !name.startsWith('.') && name !== scope);
  const scoped = (await readdir(path.join(MODULES, scope)))
    .map((name) => `${scope}/${name}`)
    .filter((name) => name !== own && (plugins === 'all' || !PLUGIN.test(name) || plugins.includes(name)));
  await Promise.all([...packages, ...scoped].map((name) => symlink(path.join(MODULES, name), path.join(target, name))));
}

/** The prebuilt pages. The static server follows links to folders only, and index.html depends on the environment. */
async function layOutPages(target: string, env: Environment): Promise<void> {
  const source = path.join(NOCOBASE_APP, 'dist', 'client');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map((entry) => {
      const [from, to] = [path.join(source, entry.name), path.join(target, entry.name)];
      return entry.isDirectory() ? symlink(from, to) : cp(from, to);
    }),
  );
  const template = entries.some(({ name }) => name === 'index.html.tpl') ? 'index.html.tpl' : 'index.html';
  const html = await readFile(path.join(source, template), 'utf8');
  await writeFile(path.join(target, 'index.html'), renderIndex(html, env));
}

function renderIndex(html: string, env: Environment): string {
  const values: Environment = {
    API_BASE_URL: env.API_BASE_PATH,
    WS_URL: env.WEBSOCKET_URL ?? '',
    NOCOBASE_APP_DEV: 'false',
    ...env,
  };
  return html
    .replace(/\{\{env\.(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
    .replace(/(src|href)="(?:\.?\/)?assets\//g, `$1="${env.APP_PUBLIC_PATH}assets/`);
}

/**
 * Puts the plugin where an upload in the plugin manager puts it. NocoBase would make the link at start, but too late:
 * it has already looked for the package under the plugin's short name, and remembers that there was none.
 */
export async function unpackPlugin(plugin: string, env: Environment): Promise<PackageJson> {
  const unpacked = path.join(env.STORAGE_PATH, 'plugin.tmp');
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  if ((await stat(plugin)).isDirectory()) {
    await cp(plugin, unpacked, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
  } else {
    // -m: npm stamps every file with the same date, from which NocoBase makes the `?hash=` that defeats old caches.
    execFileSync('tar', ['-xzmf', plugin, '--strip-components=1', '-C', unpacked]);
  }
  const json = readPackageJson(unpacked);
  const place = path.join(env.PLUGIN_STORAGE_PATH, json.name);
  await rm(place, { recursive: true, force: true });
  await mkdir(path.dirname(place), { recursive: true });
  await rename(unpacked, place);
  const link = path.join(env.NODE_MODULES_PATH, json.name);
  // Another scope than NocoBase's has no folder there yet.
  await mkdir(path.dirname(link), { recursive: true });
  await symlink(place, link);
  return json;
}
