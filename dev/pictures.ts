import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clients, type Client } from '../testing/browser/clients';
import {
  IMAGES,
  lookAt,
  nameOf,
  picturesOf,
  recordOf,
  RECORDS,
  setTheme,
  startShownWorld,
} from '../testing/browser/looks';
import { states, type Look, type State } from '../testing/browser/states';
import { removeAuthenticators, type World } from '../testing/browser/world';

/** Takes the pictures of the documents anew, and notes what stands on them. */
async function main(): Promise<void> {
  const world = await startShownWorld('pictures', say);
  try {
    await mkdir(IMAGES, { recursive: true });
    for (const file of await readdir(IMAGES)) {
      await rm(join(IMAGES, file));
    }
    const records: Record<string, string> = {};
    for (const dark of [false, true]) {
      await setTheme(world, dark ? 'dark' : 'compact');
      for (const client of clients) {
        for (const state of states) {
          for (const look of picturesOf(state, client).filter((each) => !!each.dark === dark)) {
            records[nameOf(state, client, look)] = await takePicture(world, client, state, look);
          }
        }
      }
    }
    await writeFile(RECORDS, `${JSON.stringify(records, null, 2)}\n`);
  } finally {
    await world.stop();
  }
}

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

async function takePicture(world: World, client: Client, state: State, look: Look): Promise<string> {
  world.emulator.reset();
  await removeAuthenticators(world);
  return lookAt(world, client, { state, look }, async (visitor) => {
    // NocoBase tells everybody on its v1 sign-in page that they are not signed in, for some seconds.
    await visitor.page.locator('.ant-notification-notice').waitFor({ state: 'detached' });
    const path = join(IMAGES, `${nameOf(state, client, look)}.png`);
    await visitor.page.screenshot({ path, animations: 'disabled', scale: 'css' });
    say(path);
    return recordOf(state, visitor);
  });
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
