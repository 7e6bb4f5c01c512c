import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packPlugin } from '../../dev/pack';
import { ROOT } from '../../dev/paths';
import { freePort } from '../../dev/ports';
import type { Client } from './clients';
import type { Look, State } from './states';
import { untilStill } from './stillness';
import { Visitor } from './visitor';
import { startSurroundings, startWorld, type World } from './world';

/** The pictures of the documents, and beside them what stood there when they were taken. */
export const IMAGES = join(ROOT, 'docs', 'images');
export const RECORDS = join(IMAGES, 'states.json');

/** What the pages show for an address. */
const HOST = 'nocobase.example.com';

const DESKTOP = { width: 1280, height: 800 };
const TALL = { width: 1280, height: 1160 };
const PHONE = { width: 390, height: 844 };

/** A world whose address is the same every time. */
export async function startShownWorld(name: string, progress?: (message: string) => void): Promise<World> {
  const port = await freePort();
  const among = await startSurroundings({ hostRules: [`MAP ${HOST} 127.0.0.1:${port}`] });
  try {
    const world = await startWorld(name, await packPlugin(progress), { port, among });
    await world.api('systemSettings:update?filterByTk=1', { enabledLanguages: ['en-US', 'zh-CN', 'de-DE'] });
    const stop = async () => {
      await world.stop();
      await among.stop();
    };
    return { ...world, nocobase: { ...world.nocobase, url: `http://${HOST}` }, stop };
  } catch (error) {
    await among.stop();
    throw error;
  }
}

/** The theme that everybody sees who chose none. NocoBase's first one is light, and packs things closely. */
export async function setTheme({ api }: World, theme: 'compact' | 'dark'): Promise<void> {
  const themes = await api<{ id: number; uid: string }[]>('themeConfig:list?paginate=false');
  for (const { id, uid } of themes) {
    await api(`themeConfig:update?filterByTk=${id}`, { default: uid === theme });
  }
}

/** Looks at a state. The theme is the world's. */
export async function lookAt<T>(
  world: World,
  client: Client,
  { state, look }: { state: State; look: Look },
  work: (visitor: Visitor) => Promise<T>,
): Promise<T> {
  const visitor = await arriveToLook(world, client, state, look);
  try {
    await show(state, visitor);
    return await work(visitor);
  } finally {
    await visitor.leave();
  }
}

async function arriveToLook(world: World, client: Client, state: State, look: Look): Promise<Visitor> {
  const language = look.language ?? 'en-US';
  if (state.inside) {
    const [{ id }] = world.emulator.company.accounts;
    return (await Visitor.insideDingTalk(world, client, language, { device: 'android', account: id })).visitor;
  }
  const visitor = await Visitor.arrive(world, client, language);
  await visitor.page.setViewportSize(look.phone ? PHONE : state.tall ? TALL : DESKTOP);
  return visitor;
}

/** Shows a state, until it looks as it stays. */
async function show(state: State, visitor: Visitor): Promise<void> {
  await state.show(visitor);
  await untilStill(visitor.page);
}

/** The pictures of a state. For people who are not signed in, v2 has no dark theme. */
export const picturesOf = ({ pictures = [] }: State, { client }: Client): Look[] =>
  pictures.filter(({ dark }) => client === 'v1' || !dark);

/** `sign-in-v1`, `sign-in-v1-dark`, `sign-in-v1.zh-CN` */
export const nameOf = ({ name }: State, { client }: Client, { dark, phone, language }: Look): string =>
  [name, client, dark && 'dark', phone && 'phone'].filter(Boolean).join('-') + (language ? `.${language}` : '');

/** What our parts of the page say, as a screen reader tells it. */
export async function recordOf(state: State, visitor: Visitor): Promise<string> {
  const parts = await state.ours(visitor).all();
  return (await Promise.all(parts.map((part) => part.ariaSnapshot()))).join('\n');
}

export async function readRecords(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(RECORDS, 'utf8'));
}
