import fs from 'node:fs';
import path from 'node:path';
import type { Client } from '../platform/data';
import { looks } from './looks';
import type { PageOptions } from './page';

/** Made when the package is built; `build.mjs` writes it beside the compiled form of this file. */
const BUILT = path.join(__dirname, 'page.iife.js');

let bundle: Promise<string> | undefined;

/** In the source tree nothing is built: there esbuild, on which the package does not depend, bundles it at first use. */
async function pageBundle(): Promise<string> {
  if (fs.existsSync(BUILT)) {
    return fs.readFileSync(BUILT, 'utf8');
  }
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.join(__dirname, 'page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'client',
  });
  return outputFiles[0].text;
}

/** What a client puts into a page before anything else, as one script without dependencies. */
export async function scriptOf({ id, device, clientVersion }: Client, emulatorUrl: string): Promise<string> {
  bundle ??= pageBundle();
  const options: PageOptions = {
    emulatorUrl,
    client: id,
    device,
    clientVersion,
    userAgent: looks[device].userAgent(clientVersion),
  };
  return `(() => {\n${await bundle}\nclient.start(${JSON.stringify(options)});\n})();\n`;
}
