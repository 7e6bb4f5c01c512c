/** What this plugin uses of `@nocobase/client`, which the v1 shell hands to it. See `nocobase-client-v2.d.ts`. */
import type { ComponentType, ReactNode } from 'react';
import type { ClientPluginApp } from './nocobase-client-v2';

type Components = { components: Record<string, unknown> };
type App = ClientPluginApp<Components, Components, Components> & {
  /** An entry of the user's own menu. */
  addUserCenterSettingsItem(item: {
    name: string;
    type: 'item';
    sort: number;
    componentProps: { title: string; onClick(): void };
  }): void;
};

export declare class Plugin {
  /** Awaited for all plugins, one after the other, before `load` of the first one. */
  beforeLoad(): Promise<void>;
  app: App;
  t(key: string, values?: object): string;
  load(): Promise<void>;
}

export declare function lazy<T>(load: () => Promise<{ default: T }>): T;

export declare const SchemaComponent: ComponentType<{ schema: object; components: object }>;

/** Takes what Formily gives a decorator. */
export declare const FormItem: ComponentType<{ children?: ReactNode }>;
