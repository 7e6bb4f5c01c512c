import type { Database } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { Authenticator } from '../configuration/authenticators';
import type { PlanSettings, State } from './types';

/** What a run of a source works with. */
export interface SourceContext {
  app: Application;
  db: Database;
  sourceId: string;
  /** Whose app reads the directory, and whose bindings are written. */
  authenticator: Authenticator;
  settings: PlanSettings;
  /** Names of roles that count as privileged whatever they allow. */
  protectedRoles: string[];
}

export async function loadState(context: SourceContext): Promise<State> {
  throw new Error(`not yet for ${context.sourceId}`);
}
