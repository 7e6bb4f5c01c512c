const fs = require('node:fs');
const path = require('node:path');

const SOURCE = path.join(__dirname, '..', 'src', 'locale');

/**
 * The texts of every language as they are packed: English stands in where a translation is missing.
 *
 * NocoBase sends a page the texts of one language only, so a client would show the bare key of a missing text, and
 * treat the code of a failure as one that it does not know. The server would show the key, too.
 *
 * @param {string} [folder]
 * @returns {Record<string, Record<string, string>>} by file name
 */
function translations(folder = SOURCE) {
  const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  const english = read('en-US.json');
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(files.map((file) => [file, { ...english, ...read(file) }]));
}

module.exports = { translations };
