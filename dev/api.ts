export interface RequestOptions {
  /** POST when there are values, else GET. */
  method?: string;
  token?: string;
  values?: unknown;
  headers?: Record<string, string>;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  /** The text under `data` when the answer is not JSON. */
  body: { data: T; errors?: { code?: string; message: string }[] };
}

export type Request = <T = unknown>(action: string, options?: RequestOptions) => Promise<Answer<T>>;

/** Calls `<resource>:<action>[?query]` of a NocoBase. Redirects are handed back, not followed. */
export function requester(apiUrl: string): Request {
  return async <T>(action: string, { method, token, values, headers }: RequestOptions = {}): Promise<Answer<T>> => {
    const response = await fetch(`${apiUrl}/${action}`, {
      method: method ?? (values === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(values !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: values === undefined ? undefined : JSON.stringify(values),
    });
    return { status: response.status, headers: response.headers, body: parse(await response.text()) };
  };
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return { data: text };
  }
}

/** The data of an answer that has to be a success. */
export async function expectOk<T>(what: string, answer: Promise<Answer<T>>): Promise<T> {
  const { status, body } = await answer;
  if (status < 200 || status > 299) {
    throw new Error(`${what}: NocoBase answers ${status} ${JSON.stringify(body)}`);
  }
  return body.data;
}
