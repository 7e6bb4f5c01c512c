import path from 'node:path';
import { buildSync } from 'esbuild';
import type { Client } from '../company';
import { looks } from './devices';
import type { PageOptions } from './page';

let built: string | undefined;

const bundle = () =>
  (built ??= buildSync({
    entryPoints: [path.join(__dirname, 'page/index.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'client',
  }).outputFiles[0].text);

/** What a client puts into a page before anything else, as one script without dependencies. */
export function scriptOf({ id, device, clientVersion }: Client, emulatorUrl: string): string {
  const options: PageOptions = {
    emulatorUrl,
    client: id,
    device,
    clientVersion,
    userAgent: looks[device].userAgent(clientVersion),
  };
  return `(() => {\n${bundle()}\nclient.start(${JSON.stringify(options)});\n})();\n`;
}
