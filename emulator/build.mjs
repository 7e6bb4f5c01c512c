// Makes of the TypeScript what `npm pack` puts into the archive: plain JavaScript for Node, with types.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');
fs.rmSync(dist, { recursive: true, force: true });

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status !== 0) {
  process.exit(1);
}

// What runs in a page is one script without imports; `client/script.ts` looks for it under this name.
await build({
  entryPoints: [path.join(root, 'client', 'page.ts')],
  bundle: true,
  format: 'iife',
  globalName: 'client',
  outfile: path.join(dist, 'client', 'page.iife.js'),
});
