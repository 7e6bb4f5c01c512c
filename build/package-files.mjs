import { createRequire } from 'node:module';
import { translations } from './translations.js';

const require = createRequire(import.meta.url);
const version = (name) => require(`${name}/package.json`).version;

/**
 * The files of NocoBase's plugin format that are not code: the translations, and the versions that its compatibility
 * check reads. NocoBase's own packages are left out there, because it would then accept only one minor version of them.
 */
export const packageFiles = () => ({
  name: 'package-files',
  generateBundle() {
    for (const [file, texts] of Object.entries(translations())) {
      this.emitFile({ type: 'asset', fileName: `locale/${file}`, source: JSON.stringify(texts, null, 2) });
    }
    const versions = Object.fromEntries(['antd', 'react'].map((name) => [name, version(name)]));
    this.emitFile({
      type: 'asset',
      fileName: 'externalVersion.js',
      source: `module.exports = ${JSON.stringify(versions)};\n`,
    });
  },
});
