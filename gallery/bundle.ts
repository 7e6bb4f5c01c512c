import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { ROOT } from '../dev/paths';

export const FOLDER = join(ROOT, 'gallery');

/** The languages of the plugin, English first. */
export const languages = readdirSync(join(ROOT, 'src', 'locale'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))
  .sort((a, b) => Number(b === 'en-US') - Number(a === 'en-US'));

/** How the gallery is built: with the clients as they are, in place of NocoBase what `nocobase/` has. */
export const buildOptions = {
  absWorkingDir: ROOT,
  entryPoints: { index: 'gallery/index.ts', state: 'gallery/state.tsx' },
  outdir: FOLDER,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  alias: {
    '@nocobase/client': './gallery/nocobase/client.ts',
    '@nocobase/client-v2': './gallery/nocobase/client-v2.tsx',
    '@nocobase/plugin-notification-manager/client-v2': './gallery/nocobase/message-hosts.tsx',
    '@nocobase/plugin-workflow/client-v2': './gallery/nocobase/message-hosts.tsx',
  },
  // React and antd warn of faults only here.
  define: { 'process.env.NODE_ENV': '"development"', LANGUAGES: JSON.stringify(languages) },
  write: false,
} satisfies BuildOptions;

/** The gallery's files by their paths: `/state.html`. */
export async function buildGallery(): Promise<Map<string, Buffer>> {
  const { outputFiles } = await build(buildOptions);
  const built = outputFiles.map(({ path, contents }) => [path.slice(FOLDER.length), Buffer.from(contents)] as const);
  return new Map([...built, ['/state.html', await readFile(join(FOLDER, 'state.html'))]]);
}
