import { SOURCE_TYPE } from '../shared/constants';
import type { ClientApp } from './nocobase';

/** Records of NocoBase's own that the forms of sources and messages read, as far as the user may. */
interface Lists {
  'userDataSyncSources:list': { id: number | string };
  'users:list': { id: number | string; nickname: string | null; username: string | null };
  'notificationChannels:list': { name: string };
  /** Of one that is encrypted, without its value. Whoever is signed in may read them. */
  'environmentVariables:list': { name: string; type: 'default' | 'secret' };
  /** Every collection with its fields; whoever is signed in may read it. */
  'collections:listMeta': { name: string; fields: ColumnMeta[] };
}

export interface ColumnMeta {
  name: string;
  type: string;
  interface?: string;
  hidden?: boolean;
  unique?: boolean;
  primaryKey?: boolean;
  isForeignKey?: boolean;
  uiSchema?: { title?: string };
}

/** @param query each value as NocoBase reads it, an object as JSON */
export const listRecords = <Action extends keyof Lists>(
  app: ClientApp,
  action: Action,
  query: Record<string, object | string | number> = {},
) => {
  const parameters = Object.entries(query).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return app.apiClient
    .request<Lists[Action][]>({
      url: [action, String(new URLSearchParams(parameters))].filter(Boolean).join('?'),
      skipNotify: true,
      skipAuth: true,
    })
    .then((response) => response.data.data);
};

/** The ID of the DingTalk source with a name; undefined where there is none. */
export const findSource = async (app: ClientApp, name: string) => {
  const [source] = await listRecords(app, 'userDataSyncSources:list', { filter: { name, sourceType: SOURCE_TYPE } });
  return source?.id as number | string | undefined;
};
