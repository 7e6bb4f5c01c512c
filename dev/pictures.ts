import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { partsOf, recordOf } from '../gallery/checks';
import { IMAGES, nameOf, pictures, RECORDS, type Picture } from '../gallery/pictures';
import { stateOf } from '../gallery/states';
import { generateCompany } from '../emulator';
import { GalleryVisit } from '../gallery/visit';
import { clients, type Language } from '../testing/browser/clients';
import { launchBrowser } from '../testing/browser/launch';
import { setTheme, showState, startShownWorld } from '../testing/browser/looks';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { runSource, saveSource, SourcesPage } from '../testing/browser/sources-page';
import { untilStill } from '../testing/browser/stillness';
import { Visitor } from '../testing/browser/visitor';
import { removeAuthenticators, type World } from '../testing/browser/world';
import { MESSAGE_PICTURES, takeMessages } from './message-pictures';

const MARGIN = 24;

/** NocoBase's own list of a source's tasks, of which the gallery has nothing. */
const TASKS = 'source-tasks';

/**
 * Takes the pictures of the documents anew, and notes what is on them. `npm run pictures gallery` takes those that need
 * no NocoBase, in seconds; `npm run pictures source`, or another beginning of names, takes those alone.
 */
async function main(only = ''): Promise<void> {
  const records: Record<string, string> = JSON.parse(fs.readFileSync(RECORDS, 'utf8'));
  const wanted = (one: Picture) => only === one.from || one.state.startsWith(only);
  const inNocoBase = pictures.filter((one) => one.from === 'nocobase' && wanted(one));
  await takeInGallery(
    pictures.filter((one) => one.from === 'gallery' && wanted(one)),
    records,
  );
  const tasks = TASKS.startsWith(only);
  const messages = MESSAGE_PICTURES.some((name) => name.startsWith(only));
  if (inNocoBase.length || tasks || messages) {
    await takeInNocoBase(inNocoBase, { tasks, messages }, records);
  }
  const kept = pictures.map(nameOf).map((name) => [name, records[name]]);
  const names = [...pictures.map(nameOf), ...clients.map(({ client }) => `${TASKS}-${client}`), ...MESSAGE_PICTURES];
  fs.writeFileSync(RECORDS, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
  for (const file of fs.readdirSync(IMAGES).filter((each) => each.endsWith('.png'))) {
    if (!names.includes(file.replace(/\.png$/, ''))) {
      fs.rmSync(path.join(IMAGES, file));
    }
  }
}

const fileOf = (picture: Picture) => path.join(IMAGES, `${nameOf(picture)}.png`);

/** Our parts of the page alone, with a margin. */
async function takeInGallery(wanted: Picture[], records: Record<string, string>): Promise<void> {
  const { browser, stop } = await launchBrowser();
  try {
    const visit = await GalleryVisit.begin(await browser.newContext());
    const { page } = visit;
    for (const picture of wanted) {
      const state = stateOf(picture.state);
      await visit.open(state, picture, picture.size);
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      // A part of a long form may be below the window.
      await partsOf(page, state).first().scrollIntoViewIfNeeded();
      const clip = await frameOf(partsOf(page, state));
      await page.screenshot({ path: fileOf(picture), clip, animations: 'disabled' });
      records[nameOf(picture)] = await recordOf(page, state);
      say(nameOf(picture));
    }
  } finally {
    await stop();
  }
}

/** The rectangle around these parts of a page. */
async function frameOf(parts: Locator) {
  const boxes = (await Promise.all((await parts.all()).map((part) => part.boundingBox()))).filter(
    (box) => box !== null,
  );
  const x = Math.max(0, Math.min(...boxes.map((box) => box.x)) - MARGIN);
  const y = Math.max(0, Math.min(...boxes.map((box) => box.y)) - MARGIN);
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { x, y, width: right - x, height: bottom - y };
}

/** The whole page. */
async function takeInNocoBase(
  wanted: Picture[],
  { tasks, messages }: { tasks: boolean; messages: boolean },
  records: Record<string, string>,
): Promise<void> {
  const world = await startShownWorld('pictures', { progress: say });
  try {
    for (const theme of ['compact', 'dark'] as const) {
      await setTheme(world, theme);
      for (const picture of wanted.filter((each) => each.theme === theme)) {
        records[nameOf(picture)] = await takePage(world, picture);
        say(nameOf(picture));
      }
    }
    if (tasks) {
      await setTheme(world, 'compact');
      await takeTasks(world);
    }
    if (messages) {
      await setTheme(world, 'compact');
      await takeMessages(world, takeWindow);
    }
  } finally {
    await world.stop();
  }
}

async function takePage(world: World, picture: Picture): Promise<string> {
  world.emulator.reset();
  await removeAuthenticators(world);
  const client = clients.find((each) => each.client === picture.client) ?? clients[0];
  const visitor = await Visitor.arrive(world, client, picture.language as Language);
  try {
    const state = stateOf(picture.state);
    await showState(visitor, state, picture.size);
    // For some seconds, NocoBase's v1 sign-in page shows a message that there is no session.
    await visitor.page.locator('.ant-notification-notice').waitFor({ state: 'detached' });
    await visitor.page.screenshot({ path: fileOf(picture), animations: 'disabled', scale: 'css' });
    return await recordOf(visitor.page, state);
  } finally {
    await visitor.leave();
  }
}

/** After a run, and after one that the brake stopped. */
async function takeTasks(world: World): Promise<void> {
  const { emulator } = world;
  emulator.load(generateCompany({ people: 60, departments: 6 }));
  await removeAuthenticators(world);
  await saveSource(world, 'company');
  await runSource(world, 'company');
  for (const account of emulator.data.accounts.slice(0, 10)) {
    emulator.leave(account);
  }
  await runSource(world, 'company');
  for (const client of clients) {
    const visitor = await Visitor.arrive(world, client, 'en-US');
    await becomeAdministrator(visitor);
    // Where it is narrower, NocoBase's v1 cuts off its last column.
    await visitor.page.setViewportSize({ width: 1440, height: 480 });
    const sources = new SourcesPage(visitor);
    await sources.open();
    await sources.action('company', 'Tasks').click();
    await sources.form.getByText('SYNC_STOPPED').waitFor();
    await takeWindow(`${TASKS}-${client.client}`, visitor);
    await visitor.leave();
  }
}

/** All that the browser shows. */
async function takeWindow(name: string, { page }: Visitor): Promise<void> {
  // What is under the pointer looks different.
  await page.mouse.move(0, 0);
  await untilStill(page);
  await page.screenshot({ path: path.join(IMAGES, `${name}.png`), animations: 'disabled', scale: 'css' });
  say(name);
}

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

main(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
