import { startSharedWorld } from './shared-world';
import type { World } from './world';

/** The world that files share whose tests need nothing of their own; they clean up as `shareWorld` does. */
export function startOpenedWorld(_name?: string): Promise<World> {
  return startSharedWorld();
}
