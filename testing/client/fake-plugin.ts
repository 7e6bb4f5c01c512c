import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientApp, ClientPlugin } from '../../src/client-common/nocobase';
import { withValues } from '../../gallery/words';

type Sentences = Record<string, string>;

const read = (language: string): Sentences =>
  JSON.parse(readFileSync(path.join(__dirname, `../../src/locale/${language}.json`), 'utf8'));

/** The plugin's sentences in a language, as the build packs them: English stands in for what is not translated. */
export const sentencesIn = (language: string): Sentences => ({ ...read('en-US'), ...read(language) });

interface SentRequest {
  url: string;
  data?: object;
  headers?: Record<string, string | undefined>;
}

type Answer = unknown | ((request: SentRequest) => unknown);

interface Options {
  /** The name of the sub-application. */
  name?: string;
  basename?: string;
  language?: string;
  /** What each action answers, whatever its query. A function may throw, and may return a promise. */
  answers?: Record<string, Answer>;
  /** What lies beside the entry, by file name. What is missing cannot be loaded. */
  bundles?: Record<string, object>;
  token?: string;
  role?: string;
  authenticator?: string;
}

/** NocoBase's side of a client, without NocoBase: remembers what it is asked, and answers what it is told. */
export function fakePlugin(options: Options = {}) {
  const { name = 'main', basename, language = 'en-US', bundles = {} } = options;
  const answers = { ...options.answers };
  const sentences = sentencesIn(language);
  const requests: SentRequest[] = [];
  const loaded: string[] = [];
  const auth = fakeAuth(options);

  const app: ClientApp = {
    name,
    getApiUrl: (path) => `https://nocobase.example.com/api/${path}`,
    router: { basename, navigate: jest.fn().mockResolvedValue(undefined) },
    requirejs: {
      requirejs([url], done, failed) {
        // The module that asks is one of TypeScript here, and has that ending.
        const file = url.replace(/^.*\/|\?.*$/g, '').replace(/\.ts$/, '.js');
        loaded.push(file);
        const bundle = bundles[file];
        // RequireJS answers later, as the file has to come first.
        queueMicrotask(() => (bundle ? done(bundle as never) : failed(new Error(`No ${file} here`))));
      },
    },
    apiClient: {
      auth,
      async request(config) {
        const { url, data, headers, validateStatus } = config;
        const request = { url, data, headers: { ...headers, role: auth.role ?? undefined } };
        requests.push(request);
        const [action] = url.split('?');
        if (!(action in answers)) {
          throw new Error(`Nothing answers ${url} here`);
        }
        try {
          const answer = answers[action];
          return { status: 200, data: { data: await (typeof answer === 'function' ? answer(request) : answer) } };
        } catch (error) {
          const { response } = error as { response?: { status: number; data: { data: never } } };
          // axios rejects by this function, and gives NocoBase's handler of errors no chance where it says yes.
          if (response && validateStatus?.(response.status)) {
            return response;
          }
          throw error;
        }
      },
    },
  };
  const plugin: ClientPlugin = { app, t: (key, values) => withValues(sentences[key] ?? key, values) };
  return {
    plugin,
    app,
    auth,
    answers,
    requests,
    loaded,
    /** The sentence of a key, in the language of this plugin. */
    words: (key: string) => plugin.t(key),
    /** Bodies of the requests to one action. */
    bodiesOf: (url: string) => requests.filter((request) => request.url === url).map(({ data }) => data),
  };
}

function fakeAuth({ token = '', role, authenticator }: Options): ClientApp['apiClient']['auth'] {
  return {
    token: token || null,
    role: role ?? null,
    authenticator: authenticator ?? null,
    setToken(value) {
      this.token = value ?? null;
    },
    setRole(value) {
      this.role = value;
    },
    setAuthenticator(value) {
      this.authenticator = value;
    },
  };
}

/** As axios rejects when the server refuses: with a code and its sentence, and NocoBase's ID of the request beside them. */
export function refusal(code: string, message = `A sentence (${code})`, status = 403, requestId?: string): Error {
  const response = { status, data: { errors: [{ code, message }] }, headers: { 'x-request-id': requestId } };
  return Object.assign(new Error(`Request failed with status code ${status}`), { response });
}

/** As axios rejects when a reverse proxy answers with a page of its own. */
export const proxyPage = (status = 502): Error =>
  Object.assign(new Error(`Request failed with status code ${status}`), {
    response: { status, data: '<h1>Oops</h1>' },
  });

/** As axios rejects when no answer comes. */
export const networkError = (): Error => new Error('Network Error');

/** An answer that never comes. */
export const noAnswer = () => new Promise<never>(() => undefined);
