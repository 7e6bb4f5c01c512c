import { serverRequest } from '@nocobase/utils';
import { SignInError } from '../http/errors';
import { agentFor } from './agents';

/** More than any of DingTalk's answers needs; a page of 300 MiB must not fill the memory. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface DingTalkRequest {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Record<string, string>;
  /** Ends the wait, answer body included. */
  signal: AbortSignal;
}

export interface DingTalkResponse {
  endpoint: string;
  status: number;
  /** The parsed JSON, or undefined where the body is none. */
  json: unknown;
}

/**
 * Sends one request to DingTalk and reads its answer; what the answer means is judged elsewhere.
 *
 * NocoBase's `serverRequest` is used for its outbound policy (`SERVER_REQUEST_WHITELIST`). Redirects are not followed:
 * none of DingTalk's endpoints redirects, and the secret must not travel on.
 *
 * @throws SignInError DINGTALK_UNAVAILABLE when there is no complete answer in time
 */
export async function sendToDingTalk({
  method,
  url,
  headers,
  body,
  signal,
}: DingTalkRequest): Promise<DingTalkResponse> {
  const endpoint = url.pathname;
  try {
    const agent = agentFor(url);
    const response = await serverRequest<string>({
      method,
      url: url.href,
      headers: { accept: 'application/json', ...headers },
      data: body,
      responseType: 'text',
      // axios would parse JSON itself and hand over what it cannot parse as a string.
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      httpAgent: agent,
      httpsAgent: agent,
      // The agent knows the way through it.
      proxy: false,
      signal,
    });
    return { endpoint, status: response.status, json: parseJson(response.data) };
  } catch (error) {
    // An axios error holds the request, and so the secret: only its message and code go on.
    const { message, code } = error as NodeJS.ErrnoException;
    throw new SignInError('DINGTALK_UNAVAILABLE', {
      endpoint,
      reason: signal.aborted ? 'no answer in time' : message,
      networkCode: code,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
