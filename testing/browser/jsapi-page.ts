import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

const source = `
  import 'dingtalk-jsapi/platform';
  import { getENV } from 'dingtalk-jsapi/lib/env';
  import requestAuthCode from 'dingtalk-jsapi/api/union/requestAuthCode';
  import requestAuthCodeLegacy from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
  import setTitle from 'dingtalk-jsapi/api/biz/navigation/setTitle';
  window.jsapi = { getENV, requestAuthCode, requestAuthCodeLegacy, setTitle };
`;

export type Call = 'requestAuthCode' | 'requestAuthCodeLegacy' | 'setTitle';

/** Which callback the library called, and how its promise ended. */
export interface Outcome {
  callback?: string;
  result?: unknown;
  error?: unknown;
}

export interface JsapiPages {
  /** A page of this address has the real dingtalk-jsapi, and nothing else. */
  url: string;
  stop(): void;
}

export async function serveJsapiPages(): Promise<JsapiPages> {
  const stdin = { contents: source, resolveDir: __dirname };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html;charset=utf-8');
    response.end(`<!doctype html><body><script>${script}</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

interface Jsapi extends Record<Call, (params: object) => Promise<unknown>> {
  getENV(): object;
}

export function environmentOf(page: Page): Promise<object> {
  return page.evaluate(() => (window as unknown as { jsapi: Jsapi }).jsapi.getENV());
}

export function callJsapi(page: Page, call: Call, params: object): Promise<Outcome> {
  return page.evaluate(
    async ([name, values]) => {
      const outcome: Outcome = {};
      const callbacks = ['onSuccess', 'onFail', 'onCancel'].map((callback) => [
        callback,
        () => void (outcome.callback = callback),
      ]);
      const { jsapi } = window as unknown as { jsapi: Jsapi };
      return jsapi[name]({ ...values, ...Object.fromEntries(callbacks) }).then(
        (result) => ({ ...outcome, result }),
        (error: unknown) => ({ ...outcome, error: error instanceof Error ? error.message : error }),
      );
    },
    [call, params] as const,
  );
}
