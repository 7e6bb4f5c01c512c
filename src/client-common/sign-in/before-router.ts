import type { ClientApp, ClientPlugin } from '../nocobase';

/**
 * The plugin for requests before NocoBase has mounted its router. NocoBase's handler of failed requests uses the router,
 * so every status counts as success for it, and failures are rejected here.
 */
export function beforeRouter(plugin: ClientPlugin): ClientPlugin {
  const { app } = plugin;
  const request: ClientApp['apiClient']['request'] = async (config) => {
    const response = await app.apiClient.request<never>({ ...config, validateStatus: () => true });
    return response.status < 300 ? response : Promise.reject(Object.assign(new Error(), { response }));
  };
  return {
    app: {
      name: app.name,
      getApiUrl: (path) => app.getApiUrl(path),
      requirejs: app.requirejs,
      router: { navigate: (path) => app.router.navigate(path) },
      apiClient: { request, auth: app.apiClient.auth },
    },
    t: (key) => plugin.t(key),
  };
}
