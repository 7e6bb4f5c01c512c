import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { checkUrlAgainstWhitelist, serverRequest } from '@nocobase/utils';
import { getProxyForUrl } from 'proxy-from-env';
import { z } from 'zod';
import { DingTalkError } from './errors';

const defaultHosts = {
  DINGTALK_LOGIN_URL: 'https://login.dingtalk.com',
  DINGTALK_API_URL: 'https://api.dingtalk.com',
  DINGTALK_OAPI_URL: 'https://oapi.dingtalk.com',
};

/** One of DingTalk's hosts, by the name of the environment variable that replaces it. */
export type DingTalkHost = keyof typeof defaultHosts;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isLoopback = ({ hostname }: URL): boolean => loopback.has(hostname);

/** Whether nobody on the network can read what is sent there: https, or this machine. */
export function isPrivate(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/**
 * Address of an endpoint. The environment can replace the host (DingTalk's international edition, an emulator); as the
 * Client Secret is sent there, it must be https, or this machine.
 *
 * @throws DingTalkError `unreachable`
 */
export function dingTalkUrl(host: DingTalkHost, path: string): URL {
  const base = process.env[host] || defaultHosts[host];
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url && isPrivate(url)) {
    return url;
  }
  const reason = `${host} must be an https address`;
  throw new DingTalkError('unreachable', { endpoint: path, reason, isForbidden: true });
}

/**
 * The operator's outbound policy (`SERVER_REQUEST_WHITELIST`), as `serverRequest` judges it.
 *
 * @param url an address of http or https: that policy knows no others
 * @throws DingTalkError `unreachable`
 */
export function checkOutboundPolicy(url: URL): void {
  try {
    checkUrlAgainstWhitelist(url.href);
  } catch (error) {
    const { message: reason } = error as Error;
    throw new DingTalkError('unreachable', { endpoint: url.pathname, reason, isForbidden: true });
  }
}

/** Hardly an answer of DingTalk needs more; a body of 300 MiB would otherwise fill the server's memory. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** How axios says so. DingTalk can be reached: it is this question that has no answer, whenever it is asked. */
const TOO_LONG = /^maxContentLength /;

type Json = string | number | boolean | Json[] | { [name: string]: Json };

export interface DingTalkRequest {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Record<string, Json>;
  /** How long the answer's body may be, where 64 KiB are too little. */
  maxAnswerBytes?: number;
  /** The deadline. It ends the proxy's tunnel, the connection, and the reading of the answer's body. */
  signal: AbortSignal;
}

export interface DingTalkResponse {
  /** Path of the endpoint that answered. */
  endpoint: string;
  status: number;
  /** The parsed body, or undefined where it is not JSON. */
  json: unknown;
}

/**
 * Sends one request to DingTalk and reads the answer, whatever it says.
 *
 * It uses NocoBase's `serverRequest` for the outbound policy of the operator (`SERVER_REQUEST_WHITELIST`). Redirects are
 * not followed: none of DingTalk's endpoints redirects, and the Client Secret would travel on to the other host.
 *
 * @throws DingTalkError `unreachable` when there is no complete answer before the deadline, `unexpected` when it is too long
 */
export async function sendRequest(request: DingTalkRequest): Promise<DingTalkResponse> {
  const { method, url, headers, body, maxAnswerBytes = MAX_ANSWER_BYTES, signal } = request;
  const endpoint = url.pathname;
  try {
    const agent = agentFor(url);
    const response = await serverRequest<string>({
      method,
      url: url.href,
      headers: { accept: 'application/json', ...headers },
      data: body,
      responseType: 'text',
      // axios would parse the JSON itself, and return a body that it cannot parse as a string.
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: maxAnswerBytes,
      httpAgent: agent,
      httpsAgent: agent,
      transport: transportUntil(signal),
      // The agent uses the proxy; axios would send it the request in plain text.
      proxy: false,
      signal,
    });
    return { endpoint, status: response.status, json: parseJson(response.data) };
  } catch (error) {
    // An axios error holds the request, and so the Client Secret: only its message and code are kept.
    const { message, code } = error as NodeJS.ErrnoException;
    const reason = signal.aborted ? 'no answer in time' : message;
    const kind = TOO_LONG.test(reason) ? 'unexpected' : 'unreachable';
    throw new DingTalkError(kind, { endpoint, reason, networkCode: code });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a request tells the agent that opens a connection for it. */
export interface ConnectionOptions extends https.RequestOptions {
  /** Ends the opening of a proxy's tunnel. */
  deadline?: AbortSignal;
}

/**
 * Node's own client, which follows no redirects, with the deadline among the options that an agent gets. Node takes the
 * standard option `signal` out before it asks the agent for a connection, as connections outlive requests.
 */
const transportUntil = (deadline: AbortSignal) => ({
  request(options: https.RequestOptions, onResponse: (response: http.IncomingMessage) => void) {
    const withDeadline: ConnectionOptions = { ...options, deadline };
    return (options.protocol === 'http:' ? http : https).request(withDeadline, onResponse);
  },
});

const agents = new Map<string, http.Agent>();

/**
 * The agent for an address. It keeps a connection open for the next requests. `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`
 * decide which proxy it uses; plain http stays on this machine and needs none.
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
 * Reaches https servers through a proxy's tunnel (`CONNECT`), so that the proxy learns nothing but the host's name.
 *
 * axios would send the proxy the request itself, with the Client Secret. `https-proxy-agent` hands over the proxy's
 * refusal as if it were the server's answer, so whoever controls the way to the proxy could answer for DingTalk.
 * `hpagent` refuses like this class, but does not decode the credentials of the proxy's address, and leaves the refused
 * socket open.
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
    { deadline, ...options }: ConnectionOptions,
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
      signal: deadline,
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

// Fields of DingTalk's answers, for the schemas of both APIs.

/** DingTalk documents some numbers as texts and sends them as numbers, and the other way round: both are read. */
export const text = z.union([z.string(), z.number().transform(String)]);

/** An identifier, which goes into database queries: no spaces, no control characters (PostgreSQL refuses NUL). */
export const id = text.pipe(
  z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,255}$/),
);

export const optionalId = id.optional().catch(undefined);

/** Absent, null, empty and of another type are the same: DingTalk uses all of these for a field that is not set. */
export const optionalText = text.pipe(z.string().trim().min(1)).optional().catch(undefined);

/** A code for the log. A sentence, or a line break that forges another log line, is left out. */
export const label = text
  .pipe(z.string().regex(/^[\w.:-]{1,128}$/))
  .optional()
  .catch(undefined);

/** `status` in the answer of either API when DingTalk bans this server's address for minutes (`call-frequency-limit`). */
export const BANNED = '1111';
