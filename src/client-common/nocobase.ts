import type { PublicOptions } from '../shared/contract';

/** The part of NocoBase's v1 and v2 clients that this plugin uses, and that is the same in both. */
export interface ClientPlugin {
  app: ClientApp;
  /** Translates in the plugin's namespace. */
  t(key: string): string;
}

export interface ClientApp {
  /** `main`, or the name of the sub-application. */
  name: string;
  /** Absolute address of an API path. */
  getApiUrl(path: string): string;
  router: { basename?: string };
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

export interface Authenticator {
  name: string;
  authType: string;
  title?: string;
  options: PublicOptions;
}
