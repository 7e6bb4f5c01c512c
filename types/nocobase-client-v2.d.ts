/**
 * NocoBase publishes no types of its current clients on npm. Here stands what this plugin uses of `@nocobase/client-v2`,
 * which the v2 shell hands to the plugin when it loads it.
 */
import type { ComponentType } from 'react';
import type { ClientApp } from '../src/client-common/nocobase';

export interface ClientPluginApp<AuthTypeOptions> extends ClientApp {
  pm: {
    get(name: '@nocobase/plugin-auth'): { registerType(authType: string, options: AuthTypeOptions): void };
  };
  router: ClientApp['router'] & {
    add(
      name: string,
      route: { path: string; skipAuthCheck?: boolean } & (
        { Component: ComponentType } | { componentLoader: () => Promise<ComponentType> }
      ),
    ): void;
    navigate(path: string): Promise<void>;
  };
}

type Loader = () => Promise<{ default: unknown }>;
type App = ClientPluginApp<{ signInButtonLoader: Loader; adminSettingsFormLoader: Loader }> & {
  flowEngine: {
    registerModelLoaders(loaders: Record<string, { extends: string; loader: () => Promise<unknown> }>): void;
  };
};

export declare class Plugin {
  app: App;
  t(key: string): string;
  load(): Promise<void>;
}

export declare const EnvVariableInput: ComponentType<{
  value?: string;
  onChange?: (value: string) => void;
  password?: boolean;
}>;

/** An entry of the user's own menu that does something. */
export declare class UserCenterActionItemModel {
  static itemId?: string;
  section: 'profile' | 'preferences' | 'system' | 'danger';
  sort: number;
  label?: string;
  context: { app: App };
  onClick(): Promise<void>;
}
