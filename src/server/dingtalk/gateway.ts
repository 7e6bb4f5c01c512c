import { type ClientOptions, WebSocket } from 'ws';
import { z } from 'zod';
import { type DingTalkApp, parseAnswer } from './api';
import { DingTalkError } from './errors';
import { agentFor, checkOutboundPolicy, type ConnectionOptions, dingTalkUrl, isLoopback, sendRequest } from './http';

// How a Stream connection is opened: api.dingtalk.com names the address of a gateway and a ticket for it, with which a
// web socket is opened there. Document: "Stream protocol".

export const TICKET_PATH = '/v1.0/gateway/connections/open';

/** The longest frame that is read. An event takes less than 100 kB, also with a thousand ids. */
export const MAX_FRAME_BYTES = 1024 * 1024;

const ticketSchema = z.object({
  endpoint: z.string().min(1).max(2048),
  ticket: z.string().min(1).max(4096),
});

/**
 * Where to open a web socket for all events of an app: an address with a ticket, which is good for one connection within
 * 90 seconds, and opens it to whoever has it. It must be in no log.
 *
 * @throws DingTalkError also `credentials`, `ipNotAllowed`, and `isForbidden` where settings forbid a host
 */
export async function requestAddress({ clientId, clientSecret }: DingTalkApp, signal: AbortSignal): Promise<URL> {
  const url = dingTalkUrl('DINGTALK_API_URL', TICKET_PATH);
  checkOutboundPolicy(url);
  const body = { clientId, clientSecret, subscriptions: [{ type: 'EVENT', topic: '*' }], ua: 'auth-dingtalk' };
  const { endpoint, ticket } = parseAnswer(await sendRequest({ method: 'POST', url, body, signal }), ticketSchema);
  const address = checkGateway(endpoint, url);
  address.searchParams.set('ticket', ticket);
  return address;
}

/**
 * The address that DingTalk names, once it is sure that it is one of DingTalk's: whoever gets the ticket there, gets the
 * events. Nothing but the TLS of the one answer says so, and a company's proxy may have ended that.
 *
 * - wss to a subdomain of dingtalk.com, whatever host the API has: a proxy that hands on the answers of DingTalk names it
 * - wss to the host of the API itself or below it, to which the Client Secret goes already
 * - wss below the domain of the API where that is `api.<domain>`, as DingTalk names its editions (`api.dingtalk.io`).
 *   Of other hosts nobody can say without a list of public suffixes whether what is beside them has the same owner.
 * - ws on this machine, where the API is on it too (an emulator)
 *
 * Ports are free. The operator's outbound policy must allow the host as well.
 *
 * @param api an address of the API
 * @throws DingTalkError `unreachable`, with `isForbidden`
 */
export function checkGateway(endpoint: string, api: URL): URL {
  const address = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!address || !isGateway(address, api)) {
    const named = address ? `${address.protocol}//${address.hostname.slice(0, 253)}` : 'no address';
    const reason = `the gateway that was named is not one of DingTalk: ${named}`;
    throw new DingTalkError('unreachable', { endpoint: TICKET_PATH, reason, isForbidden: true });
  }
  checkOutboundPolicy(httpTwin(address));
  return address;
}

function isGateway(address: URL, api: URL): boolean {
  if (address.username || address.password || address.hash) {
    return false;
  }
  if (address.protocol === 'ws:') {
    return isLoopback(address) && isLoopback(api);
  }
  const edition = /^api\.(.+\..+)$/.exec(api.hostname)?.[1];
  const domains = ['dingtalk.com', api.hostname, ...(edition ? [edition] : [])];
  const isBelow = domains.some((domain) => address.hostname.endsWith(`.${domain}`));
  return address.protocol === 'wss:' && (isBelow || address.hostname === api.hostname);
}

/** The same address as proxies and NocoBase's policy know it, which have no rules for web sockets. */
function httpTwin(address: URL): URL {
  const twin = new URL(address);
  twin.protocol = address.protocol.replace('ws', 'http');
  twin.search = '';
  return twin;
}

/**
 * A web socket that is about to be opened, by the same way as every call: proxy, certificates, no redirects.
 *
 * @param address of `requestAddress`
 * @param deadline of the handshake. It ends the proxy's tunnel; the socket is the caller's to terminate.
 * @throws DingTalkError `unreachable` where the proxy's address is of no use
 */
export function openSocket(address: URL, deadline: AbortSignal): WebSocket {
  try {
    const options: ClientOptions & Pick<ConnectionOptions, 'deadline'> = {
      agent: agentFor(httpTwin(address)),
      deadline,
      maxPayload: MAX_FRAME_BYTES,
      // A small frame could otherwise be unpacked to a large one, and each connection would keep a window for it.
      perMessageDeflate: false,
      followRedirects: false,
    };
    return new WebSocket(address, options);
  } catch (error) {
    throw socketError(address, error as NodeJS.ErrnoException);
  }
}

/** What is wrong with a web socket. The address itself has the ticket, and only its path is kept. */
export function socketError(address: URL, { message, code }: { message: string; code?: string }): DingTalkError {
  return new DingTalkError('unreachable', { endpoint: address.pathname, reason: message, networkCode: code });
}
