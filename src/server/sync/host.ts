import { createRequire } from 'node:module';
import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { SyncSource } from '@nocobase/plugin-user-data-sync';
import type { Application } from '@nocobase/server';

/** Name of NocoBase's plugin for synchronization, which may be missing or off. */
const HOST = 'user-data-sync';

/** A class of sources, as NocoBase makes an object of it for each task. */
export type SourceClass = new (config: {
  sourceInstance: Model;
  options: Record<string, unknown>;
  ctx: Context;
}) => SyncSource;

/** As much of the plugin as is used. */
interface SyncHost {
  sourceManager: {
    registerType(type: string, config: { syncSource: SourceClass; title: string }): void;
    create(source: Model, ctx: Context): SyncSource;
  };
  syncService: { runSync(source: SyncSource, task: Model, ctx: Context): Promise<void> };
}

/** Undefined where the plugin is missing or off: signing in does not notice. */
export function findHost({ pm }: Application): SyncHost | undefined {
  const host = pm.get(HOST) as unknown as (Partial<SyncHost> & { enabled?: boolean }) | undefined;
  return host?.enabled && host.sourceManager ? (host as SyncHost) : undefined;
}

/**
 * NocoBase's class of sources. An `import` of the package would keep this plugin from loading where the other one is not
 * installed, and nobody could sign in.
 */
export function requireBase(): abstract new (...config: ConstructorParameters<SourceClass>) => SyncSource {
  const load = createRequire(__filename);
  return load('@nocobase/plugin-user-data-sync').SyncSource;
}
