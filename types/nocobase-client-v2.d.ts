/**
 * NocoBase publishes no types of its current clients on npm. Here stands what this plugin uses of `@nocobase/client-v2`,
 * which the v2 shell hands to the plugin when it loads it.
 */
import type { ComponentType } from 'react';

/** What this plugin uses of the application, and what is the same in v1 and v2. */
export interface ClientApp {
  /** `main`, or the name of the sub-application. */
  name: string;
  /** Absolute address of an API path. */
  getApiUrl(path: string): string;
  router: { basename?: string; navigate(path: string, options?: { replace: true }): Promise<void> };
  requirejs: { requirejs<T>(urls: string[], done: (module: T) => void, failed: (error: unknown) => void): void };
  apiClient: {
    request<T>(config: {
      url: string;
      method?: 'post';
      data?: object;
      headers?: Record<string, string | undefined>;
      skipNotify: true;
      skipAuth?: true;
      validateStatus?: (status: number) => boolean;
    }): Promise<{ status: number; data: { data: T } }>;
    auth: {
      token: string | null;
      role: string | null;
      authenticator: string | null;
      setToken(token: string | null | undefined): void;
      setRole(role: string | null): void;
      setAuthenticator(authenticator: string | null): void;
    };
  };
}

/** The same, as a plugin has it, which registers its parts there. */
export interface ClientPluginApp<AuthTypeOptions, SourceTypeOptions, ChannelTypeOptions> extends ClientApp {
  pm: {
    get(name: '@nocobase/plugin-auth'): { registerType(authType: string, options: AuthTypeOptions): void };
    /** Undefined where that plugin is off. */
    get(name: 'user-data-sync'): { registerType(sourceType: string, options: SourceTypeOptions): void } | undefined;
    get(
      name: 'notification-manager',
    ): { registerChannelType(channel: { type: string; title: string } & ChannelTypeOptions): void } | undefined;
  };
  router: ClientApp['router'] & {
    add(
      name: string,
      route: { path: string; skipAuthCheck?: boolean } & (
        { Component: ComponentType } | { componentLoader: () => Promise<ComponentType> }
      ),
    ): void;
  };
}

type Loader = () => Promise<{ default: unknown }>;
type App = ClientPluginApp<
  { signInButtonLoader: Loader; adminSettingsFormLoader: Loader },
  { components: { AdminSettingsFormLoader: Loader } },
  { components: Record<'ChannelConfigFormLoader' | 'MessageConfigFormLoader' | 'ContentConfigFormLoader', Loader> }
> & {
  flowEngine: {
    registerModelLoaders(loaders: Record<string, { extends: string; loader: () => Promise<unknown> }>): void;
  };
};

export declare class Plugin {
  /** Awaited for all plugins, one after the other, before `load` of the first one. */
  beforeLoad(): Promise<void>;
  app: App;
  t(key: string, values?: object): string;
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
