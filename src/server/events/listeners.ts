import type { Model } from '@nocobase/database';
import { type Application, serving } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import { SOURCE_TYPE } from '../../shared/constants';
import type { EventMode } from '../../shared/events';
import type { DingTalkApp } from '../dingtalk/api';
import { parseOptions } from '../directory/options';
import { HOST_SOURCES, isDirectoryOff, requireSource, titleOfSource } from '../directory/source';
import { CodedError } from '../http/coded-error';

/** The app of a source, of one organization. */
export type ListenedApp = DingTalkApp & { corpId: string };

/** An enabled source that wants to hear of changes. */
export interface Listener {
  sourceId: string;
  name: string;
  title: string;
  mode: Exclude<EventMode, 'off'>;
  /** Missing where it cannot hear of any: `code` says why. */
  app?: ListenedApp;
  code?: ErrorCode;
}

/** Whether this process listens: not in a clone that must be silent, nor where it serves no requests. */
export const isListening = (): boolean => !isDirectoryOff() && serving();

/** The sources that this process listens for. */
export async function readListeners(app: Application): Promise<Listener[]> {
  if (!isListening() || !app.db.hasCollection(HOST_SOURCES)) {
    return [];
  }
  const rows: Model[] = await app.db
    .getModel(HOST_SOURCES)
    .findAll({ where: { sourceType: SOURCE_TYPE, enabled: true }, order: ['id'] });
  const listeners: Listener[] = [];
  for (const row of rows) {
    const mode = modeOf(row);
    if (mode !== 'off') {
      listeners.push({
        sourceId: String(row.get('id')),
        name: String(row.get('name')),
        title: titleOfSource(row),
        mode,
        ...(await appOf(app, row)),
      });
    }
  }
  return listeners;
}

/** `off` where the options cannot be read: the form says why. */
export function modeOf(row: Model): EventMode {
  try {
    return parseOptions(row.get('options')).events;
  } catch (error) {
    if (error instanceof CodedError) {
      return 'off';
    }
    throw error;
  }
}

async function appOf(app: Application, row: Model): Promise<Pick<Listener, 'app' | 'code'>> {
  try {
    const { appSettings } = await requireSource(app, row.get('options'), { id: String(row.get('id')) });
    const { clientId, clientSecret, corpId } = appSettings;
    return { app: { clientId, clientSecret, corpId } };
  } catch (error) {
    if (error instanceof CodedError) {
      return { code: error.code };
    }
    throw error;
  }
}
