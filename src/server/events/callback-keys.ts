import type { Application } from '@nocobase/server';
import { type CallbackKeys, createCallbackKeys } from '../dingtalk/callback';
import { describe } from '../http/report';
import { type EventSourceRow, readEventSource, setEventSource } from './event-source';
import type { ListenedApp, Listener } from './listeners';

/** What a callback of a source is verified and read with. */
export interface Callee extends CallbackKeys {
  sourceId: string;
  app: ListenedApp;
}

/** Keys of nobody: a stranger who names no source waits as long as one who names one. */
const NOBODY: CallbackKeys = createCallbackKeys();

/**
 * The keys of every source with a callback, in memory: whoever sends a request causes no reading of the database before it
 * is known to be DingTalk's.
 */
export class CalleeBook {
  private callees = new Map<string, Callee>();

  constructor(private readonly app: Application) {}

  /** As the database has them now. */
  async refresh(listeners: Listener[]): Promise<void> {
    const callees = new Map<string, Callee>();
    for (const { sourceId, name, mode, app } of listeners) {
      const keys =
        mode === 'http' && app
          ? await decryptKeys(this.app, sourceId, await readEventSource(this.app.db, sourceId))
          : undefined;
      if (app && keys) {
        callees.set(name, { sourceId, app, ...keys });
      }
    }
    this.callees = callees;
  }

  clear(): void {
    this.callees = new Map();
  }

  /** @returns the keys by which a request is verified; without `callee` it is refused, whatever it says */
  find(name: unknown): { keys: CallbackKeys; callee?: Callee } {
    const callee = typeof name === 'string' ? this.callees.get(name) : undefined;
    return { keys: callee ?? NOBODY, callee };
  }
}

/** @returns undefined where none were made, or where they cannot be decrypted, as with another key of NocoBase */
export async function decryptKeys(
  app: Application,
  sourceId: string,
  { callbackToken, callbackAesKey }: EventSourceRow,
): Promise<CallbackKeys | undefined> {
  if (!callbackToken || !callbackAesKey) {
    return undefined;
  }
  try {
    const [token, aesKey] = await Promise.all([
      app.aesEncryptor.decrypt(callbackToken),
      app.aesEncryptor.decrypt(callbackAesKey),
    ]);
    return { token, aesKey };
  } catch (error) {
    app.logger.warn('DingTalk events', { outcome: 'EVENTS_FAILED', source: sourceId, reason: describe(error) });
    return undefined;
  }
}

/** Makes new keys. Those before are worth nothing any more. */
export async function renewKeys(app: Application, sourceId: string): Promise<CallbackKeys> {
  const keys = createCallbackKeys();
  await setEventSource(app, sourceId, {
    callbackToken: await app.aesEncryptor.encrypt(keys.token),
    callbackAesKey: await app.aesEncryptor.encrypt(keys.aesKey),
    madeAt: Date.now(),
    checkedAt: null,
  });
  return keys;
}
