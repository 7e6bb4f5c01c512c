import type { Application } from '@nocobase/server';
import type { DingTalkApp } from '../../dingtalk/api';
import { Pace } from '../../dingtalk/pace';
import type { Reader } from './calls';

const paces = new Map<string, Pace>();

/** One for each app and process: DingTalk counts the calls of an app, whatever source or event they are for. */
export function paceOf(clientId: string): Pace {
  const pace = paces.get(clientId) ?? new Pace();
  paces.set(clientId, pace);
  return pace;
}

export function readerOf(
  { cache }: Application,
  { appSettings }: { appSettings: DingTalkApp & { corpId: string } },
  signal: AbortSignal,
): Reader {
  const { clientId, clientSecret, corpId } = appSettings;
  return { app: { clientId, clientSecret, corpId }, cache, pace: paceOf(clientId), signal };
}
