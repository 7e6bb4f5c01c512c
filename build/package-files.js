const fs = require('node:fs');
const path = require('node:path');

const LOCALE = path.join(__dirname, '..', 'src', 'locale');

const version = (name) => require(`${name}/package.json`).version;

/**
 * The files of NocoBase's plugin format that are not code: the translations, and the versions that its compatibility
 * check reads. NocoBase's own packages are left out there, because it would then accept only one minor version of them.
 */
const packageFiles = (locale = LOCALE) => ({
  name: 'package-files',
  generateBundle() {
    const read = (file) => JSON.parse(fs.readFileSync(path.join(locale, file), 'utf8'));
    const english = read('en-US.json');
    for (const file of fs.readdirSync(locale).filter((name) => name.endsWith('.json'))) {
      // English stands in for what a language lacks. NocoBase sends a page the texts of one language only: without this,
      // pages and server would show the bare key, and pages would not recognize the code of a failure.
      const texts = { ...english, ...read(file) };
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

module.exports = { packageFiles };
