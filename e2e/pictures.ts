import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packPlugin } from '../dev/pack';
import { ROOT } from '../dev/paths';
import { freePort } from '../dev/ports';
import { clients, languages, type Client, type Language } from './support/clients';
import { becomeAdministrator, SettingsPage } from './support/settings-page';
import { Visitor } from './support/visitor';
import { addAuthenticator, startSurroundings, startWorld, type World } from './support/world';

const IMAGES = join(ROOT, 'docs', 'images');
/** What the pictures show for an address. */
const HOST = 'nocobase.example.com';
const SIZE = { width: 1100, height: 1080 };

/** Takes the pictures of the README anew. */
async function main(): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  const port = await freePort();
  const among = await startSurroundings([`MAP ${HOST} 127.0.0.1:${port}`]);
  try {
    const world = await startWorld('pictures', await packPlugin(say), { port, among });
    await addAuthenticator(world);
    for (const client of clients) {
      for (const language of languages) {
        await picture(world, client, language, 'sign-in', signInPage);
        await picture(world, client, language, 'settings', settingsForm);
      }
    }
    await world.stop();
  } finally {
    await among.stop();
  }
}

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

async function picture(
  world: World,
  client: Client,
  language: Language,
  name: string,
  prepare: (visitor: Visitor) => Promise<void>,
): Promise<void> {
  const nocobase = { ...world.nocobase, url: `http://${HOST}` };
  const visitor = await Visitor.arrive({ ...world, nocobase }, client, language);
  try {
    await visitor.page.setViewportSize(SIZE);
    await prepare(visitor);
    // NocoBase tells everybody on its v1 sign-in page that they are not signed in, for some seconds.
    await visitor.page.locator('.ant-notification-notice').waitFor({ state: 'detached' });
    const suffix = language === 'en-US' ? '' : `.${language}`;
    const path = join(IMAGES, `${name}-${client.client}${suffix}.png`);
    await visitor.page.screenshot({ path, animations: 'disabled' });
    say(path);
  } finally {
    await visitor.leave();
  }
}

async function signInPage(visitor: Visitor): Promise<void> {
  await visitor.opens('/signin');
  await visitor.button(visitor.words('Sign in via DingTalk')).waitFor();
  await visitor.page.waitForLoadState('networkidle');
}

async function settingsForm(visitor: Visitor): Promise<void> {
  const [{ clientId, clientSecret, corpId }] = visitor.world.emulator.company.apps;
  await becomeAdministrator(visitor);
  const settings = new SettingsPage(visitor);
  await settings.open();
  await settings.addNew();
  await settings.enter('Client ID', clientId);
  await settings.enter('Client Secret', clientSecret);
  await settings.enter('Corp ID', corpId);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
