import type { TokenCache } from '../src/server/dingtalk/app-token';

/** In place of NocoBase's: in memory, without an end, and of one test alone. */
export function newTokenCache(): TokenCache {
  const values = new Map<string, unknown>();
  return {
    get: async <T>(key: string) => values.get(key) as T | undefined,
    set: async (key, value) => void values.set(key, value),
    del: async (key) => void values.delete(key),
  };
}
