/**
 * NocoBase publishes no types of its current clients on npm. Here stands what this plugin uses of `@nocobase/client-v2`,
 * which the v2 shell hands to the plugin when it loads it.
 */
import type { ComponentType } from 'react';
import type { ClientApp } from '../src/client-common/nocobase';

export interface ClientPluginApp<AuthTypeOptions> extends ClientApp {
  i18n: { t(key: string, options: { ns: string }): string };
  pm: {
    get(name: '@nocobase/plugin-auth'): { registerType(authType: string, options: AuthTypeOptions): void };
  };
  router: ClientApp['router'] & {
    add(name: string, route: { path: string; skipAuthCheck: boolean; Component: ComponentType }): void;
  };
}

type Loader = () => Promise<{ default: unknown }>;
type App = ClientPluginApp<{ signInButtonLoader: Loader; adminSettingsFormLoader: Loader }>;

export declare class Plugin {
  app: App;
  t(key: string): string;
  load(): Promise<void>;
}

export declare function useApp(): App;

export declare const EnvVariableInput: ComponentType<{
  value?: string;
  onChange?: (value: string) => void;
  password?: boolean;
}>;
