import type { Database, Model } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { SOURCE_TYPE } from '../../shared/constants';
import type { SourceOptions } from '../../shared/directory';
import { type Authenticator, requireAuthenticator } from '../configuration/authenticators';
import type { Settings } from '../configuration/settings';
import { backgroundContext } from '../http/background';
import { CodedError } from '../http/coded-error';
import { requireColumns } from './columns';
import { parseOptions, type SourceSettings } from './options';

/** NocoBase's table of sources, which its plugin for synchronization has. */
export const HOST_SOURCES = 'userDataSyncSources';

/** A source, or what one is going to be, whose options were checked just now. */
export interface Source {
  /** Of the row in `userDataSyncSources`; `0` for one that is not saved yet, of which nothing is known. */
  id: string;
  /** As lists and messages name it. */
  title: string;
  settings: SourceSettings;
  authenticator: Authenticator;
  /** Of the authenticator. */
  appSettings: Settings & { corpId: string };
}

/** Whether this NocoBase is a clone that must be silent: no runs, no events, no messages. */
export const isDirectoryOff = (): boolean => !/^(on|true|1|yes)?$/i.test(process.env.DINGTALK_DIRECTORY?.trim() ?? '');

/**
 * A source as the database has it now.
 *
 * @throws CodedError SOURCE_UNAVAILABLE where there is none, and as `requireSource`
 */
export async function loadSource(app: Application, id: string): Promise<Source> {
  const row = await findSourceRow(app.db, id);
  if (!row?.get('enabled')) {
    throw new CodedError('SOURCE_UNAVAILABLE');
  }
  return requireSource(app, row.get('options'), { id, title: titleOfSource(row) });
}

/** @returns null where there is none, or where it is a source of another type */
export function findSourceRow(db: Database, id: string): Promise<Model | null> {
  return db.hasCollection(HOST_SOURCES)
    ? db.getModel(HOST_SOURCES).findOne({ where: { id, sourceType: SOURCE_TYPE } })
    : Promise.resolve(null);
}

/** @throws CodedError SOURCE_UNAVAILABLE where `findSourceRow` finds none */
export async function requireSourceRow(db: Database, id: string): Promise<Model> {
  const row = await findSourceRow(db, id);
  if (!row) {
    throw new CodedError('SOURCE_UNAVAILABLE');
  }
  return row;
}

export const titleOfSource = (row: Model): string => String(row.get('displayName') || row.get('name') || row.get('id'));

/**
 * Whether a source can run with these options: they, the columns, the authenticator and the app.
 *
 * @throws CodedError SOURCE_INVALID, SOURCE_COLUMN_REFUSED, SOURCE_AUTHENTICATOR, NOT_CONFIGURED, CORP_ID_REQUIRED,
 * SOURCE_APP_TAKEN
 */
export async function requireSource(
  app: Application,
  options: unknown,
  { id = '0', title = '' }: { id?: string; title?: string } = {},
): Promise<Source> {
  const settings = parseOptions(options);
  requireColumns(app.db, settings.fields);
  const authenticator = await requireEnabled(app, settings.authenticator);
  const appSettings = authenticator.settings;
  const { clientId, corpId } = appSettings;
  if (!corpId) {
    throw new CodedError('CORP_ID_REQUIRED');
  }
  await requireOwnApp(app, clientId, id);
  return { id, title, settings, authenticator, appSettings: { ...appSettings, corpId } };
}

/**
 * The authenticator of a source.
 *
 * @throws CodedError SOURCE_AUTHENTICATOR
 */
export async function requireEnabled(app: Application, name: string): Promise<Authenticator> {
  try {
    return await requireAuthenticator(backgroundContext(app), name);
  } catch (error) {
    throw error instanceof CodedError ? new CodedError('SOURCE_AUTHENTICATOR') : error;
  }
}

/** Two sources of one app would take each other's users for strangers, and undo what the other one does. */
async function requireOwnApp(app: Application, clientId: string, id: string): Promise<void> {
  const rows: Model[] = app.db.hasCollection(HOST_SOURCES)
    ? await app.db.getModel(HOST_SOURCES).findAll({ where: { sourceType: SOURCE_TYPE } })
    : [];
  for (const row of rows.filter((one) => String(one.get('id')) !== id)) {
    if ((await clientIdOf(app, row.get('options'))) === clientId) {
      throw new CodedError('SOURCE_APP_TAKEN', { reason: `source ${row.get('id')}` });
    }
  }
}

/** Undefined where it cannot be told: such a source does not run. */
async function clientIdOf(app: Application, options: SourceOptions | null): Promise<string | undefined> {
  try {
    const name = String(options?.authenticator);
    return (await requireAuthenticator(backgroundContext(app), name, 'any')).settings.clientId;
  } catch (error) {
    if (error instanceof CodedError) {
      return undefined;
    }
    throw error;
  }
}
