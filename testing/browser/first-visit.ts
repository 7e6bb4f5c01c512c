import { startSharedWorld } from './shared-world';
import type { World } from './world';

/** The world that test files share; the name is that of the file, and makes no difference. */
export function startOpenedWorld(...names: [string?]): Promise<World> {
  void names;
  return startSharedWorld();
}
