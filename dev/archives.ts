import { npm } from './npm';
import { ROOT } from './paths';
import { INDEPENDENT_NAME, packRenamedCopy } from './renamed-copy';

/** Both archives of a release, beside `package.json`: under the documented name, and for a NocoBase with a license key. */
async function main(): Promise<void> {
  npm(ROOT, 'pack');
  await packRenamedCopy(INDEPENDENT_NAME, ROOT, { types: true });
}

void main();
