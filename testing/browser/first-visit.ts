import { clients } from './clients';
import { becomeAdministrator } from './settings-page';
import { Visitor } from './visitor';
import { packPlugin } from '../../dev/pack';
import { startWorld, type World } from './world';

const [, v2] = clients;

/** A world with the plugin, in which everybody may be the first to visit v2. */
export async function startOpenedWorld(name: string): Promise<World> {
  const world = await startWorld(name, await packPlugin());
  await openFirst(world);
  return world;
}

/** On the first visit v2 stores the layout of its pages, and throws where a person may not do that. */
export async function openFirst(started: World): Promise<void> {
  const administrator = await Visitor.arrive(started, v2, 'en-US');
  await becomeAdministrator(administrator);
  await administrator.opens('/admin');
  await administrator.seesNocoBase();
  await administrator.page.waitForLoadState('networkidle');
  await administrator.leave();
}
