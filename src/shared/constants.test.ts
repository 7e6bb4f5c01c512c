import fs from 'node:fs';
import path from 'node:path';
import { readPackageJson, ROOT } from '../../dev/paths';
import { PACKAGE_NAME } from './constants';

const ENTRIES = ['client.js', 'client-v2.js', 'server.js', 'rollup.config.mjs'];

/** The plugin's sources and what they are bundled with, without tests. */
function sources(): string[] {
  const below = ['src', 'build'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(folder, file)),
  );
  return [...below, ...ENTRIES].filter((file) => /\.(tsx?|mjs|js|json)$/.test(file) && !/\.test\.tsx?$/.test(file));
}

it('the name of the package is written in package.json alone, so that one line gives the plugin another', () => {
  expect(PACKAGE_NAME).toBe(readPackageJson(ROOT).name);
  const files = sources();
  expect(files).toEqual(expect.arrayContaining([path.join('src', 'shared', 'constants.ts'), ...ENTRIES]));
  const [, ownPart] = PACKAGE_NAME.split('/');
  expect(files.filter((file) => fs.readFileSync(path.join(ROOT, file), 'utf8').includes(ownPart))).toEqual([]);
});
