import type { ClientApp } from '@nocobase/client-v2';
import type { PublicOptions } from '../shared/contract';

export type { ClientApp };

/** The part of a plugin of NocoBase's v1 and v2 clients that the code here uses, and that is the same in both. */
export interface ClientPlugin {
  app: ClientApp;
  /** Translates in the plugin's namespace, with these values; gives the key where there is no translation. */
  t(key: string, values?: Record<string, string | number>): string;
}

/** What NocoBase tells without a session about an enabled authenticator (`authenticators:publicList`). */
export interface Authenticator {
  name: string;
  authType: string;
  title?: string;
  options: Partial<PublicOptions>;
}

export type Translate = ClientPlugin['t'];
