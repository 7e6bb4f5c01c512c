import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { getProxyForUrl } from 'proxy-from-env';

/** A sign-in waits no longer than this for DingTalk: both calls, and the proxy's tunnel, together. */
export const TIMEOUT_MS = 5000;

const agents = new Map<string, http.Agent>();

/**
 * The agent for an address, which keeps one connection warm for many sign-ins. `HTTPS_PROXY`, `ALL_PROXY` and
 * `NO_PROXY` say which proxy it uses; http is for this machine alone, and needs none.
 */
export function agentFor(url: URL): http.Agent {
  const proxy = url.protocol === 'https:' ? getProxyForUrl(url) : '';
  const key = `${url.protocol} ${proxy}`;
  const agent = agents.get(key) ?? newAgent(url.protocol, proxy);
  agents.set(key, agent);
  return agent;
}

function newAgent(protocol: string, proxy: string): http.Agent {
  if (proxy) {
    return new TunnelAgent(new URL(proxy));
  }
  return protocol === 'https:' ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
}

/**
 * Goes to https servers through a proxy's tunnel (`CONNECT`), so that the proxy sees nothing but the host's name.
 *
 * axios would hand the proxy the request itself, Client Secret and all. The usual library, `https-proxy-agent`, passes
 * off the proxy's refusal as the server's answer: whoever stands between here and the proxy could answer for DingTalk.
 */
class TunnelAgent extends https.Agent {
  private readonly headers: http.OutgoingHttpHeaders = {};

  constructor(private readonly proxy: URL) {
    super({ keepAlive: true });
    if (proxy.username) {
      const credentials = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
      this.headers['proxy-authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
    }
  }

  override createConnection(
    options: https.RequestOptions,
    callback: (error: Error | null, socket?: Duplex | null) => void,
  ): undefined {
    const { protocol, hostname, port } = this.proxy;
    const host = `${options.host}:${options.port}`;
    const request = protocol === 'https:' ? https.request : http.request;
    request({
      method: 'CONNECT',
      protocol,
      hostname,
      port,
      path: host,
      headers: { ...this.headers, host },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
      .on('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) {
          const tunnel = { ...options, socket };
          callback(null, super.createConnection(tunnel));
        } else {
          socket.destroy();
          callback(new Error(`the proxy opens no tunnel: ${statusCode}`));
        }
      })
      .on('error', callback)
      .end();
  }
}
