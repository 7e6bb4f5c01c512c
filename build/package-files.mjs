import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const version = (name) => require(`${name}/package.json`).version;

/**
 * The files of NocoBase's plugin format that are no code: the translations, and the versions that its compatibility
 * check reads. NocoBase's own packages are left out there, as it would accept just one minor version of them.
 */
export const packageFiles = () => ({
  name: 'package-files',
  generateBundle() {
    for (const file of fs.readdirSync('src/locale').filter((name) => name.endsWith('.json'))) {
      this.emitFile({ type: 'asset', fileName: `locale/${file}`, source: fs.readFileSync(`src/locale/${file}`) });
    }
    const versions = Object.fromEntries(['antd', 'react'].map((name) => [name, version(name)]));
    this.emitFile({
      type: 'asset',
      fileName: 'externalVersion.js',
      source: `module.exports = ${JSON.stringify(versions)};\n`,
    });
  },
});
