import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import { readPackageJson, ROOT } from '../../dev/paths';

const FOLDER = `/static/plugins/${readPackageJson(ROOT).name}/`;

/** What a page loads of this plugin, as the browser sees it. */
export class Bundles {
  private readonly responses: { file: string; on: string; response: Response }[] = [];

  /** To be made before the page is opened. */
  constructor(page: Page) {
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const file = pathname.split(FOLDER)[1];
      if (file) {
        this.responses.push({ file, on: new URL(page.url()).pathname, response });
      }
    });
  }

  /** Files in the order in which they were loaded, on pages whose path is this, or on all. */
  files(on?: RegExp): string[] {
    return this.responses.filter((loaded) => !on || on.test(loaded.on)).map(({ file }) => file);
  }

  /** Bytes of all bodies that came, compressed as well as it goes. */
  async sizes(): Promise<{ gzip: number; brotli: number }> {
    const bodies = await Promise.all(this.responses.map(({ response }) => response.body()));
    const sum = (compress: (body: Buffer) => Buffer) =>
      bodies.reduce((total, body) => total + compress(body).length, 0);
    return {
      gzip: sum((body) => gzipSync(body, { level: constants.Z_BEST_COMPRESSION })),
      brotli: sum((body) => brotliCompressSync(body)),
    };
  }
}
