import type { ComponentType } from 'react';
import type { Authenticator, ClientApp } from '../../src/client-common/nocobase';
import { answerTo, refusal, type Answers } from '../answers';
import type { Client } from '../look';
import type { Say } from '../words';

type Loaded = { default: unknown };

/** What a client registers for an authenticator's type: components in v1, loaders of modules in v2. */
interface AuthType {
  components?: Record<string, unknown>;
  signInButtonLoader?: () => Promise<Loaded>;
  adminSettingsFormLoader?: () => Promise<Loaded>;
}

/** The same for a type of sources. v1 makes its form of a schema, which NocoBase renders. */
interface SourceType {
  components?: { AdminSettingsFormLoader?: () => Promise<Loaded> };
}

/** The same for a type of channels. */
interface ChannelType {
  components?: { ChannelConfigFormLoader?: () => Promise<Loaded>; MessageConfigFormLoader?: () => Promise<Loaded> };
}

interface Route {
  path: string;
  Component?: ComponentType;
  componentLoader?: () => Promise<ComponentType>;
}

/** A bundle of the plugin that is loaded when it is wanted. */
export type Bundle = () => Promise<object>;

interface Options {
  client: Client;
  answers: Answers;
  say: Say;
  token: string | null;
  /** By the name of the file. */
  bundles: Record<string, Bundle>;
}

/** NocoBase's application, as far as the clients of this plugin use it, with a server that answers what a state says. */
export class GalleryApp implements ClientApp {
  readonly name = 'main';
  readonly router;
  readonly apiClient: ClientApp['apiClient'];
  readonly requirejs: ClientApp['requirejs'];
  /** What the server was asked, in order. */
  readonly asked: string[] = [];
  private authType: AuthType = {};
  private sourceType: SourceType = {};
  private channelType: ChannelType = {};
  private readonly routes: Route[] = [];

  constructor({ client, answers, say, token, bundles }: Options) {
    this.router = {
      basename: client === 'v1' ? '/' : '/v/',
      add: (_: string, route: Route) => void this.routes.push(route),
      navigate: () => Promise.resolve(),
    };
    this.apiClient = {
      request: ({ url, headers }) => this.answer(answers, say, url.split('?')[0], headers?.['X-Authenticator'] ?? ''),
      auth: { token, role: null, authenticator: null, setToken() {}, setRole() {}, setAuthenticator() {} },
    };
    this.requirejs = {
      requirejs: <T>([url]: string[], done: (module: T) => void, failed: (error: unknown) => void) => {
        const file = /\w+\.js/.exec(url)?.[0] ?? '';
        (bundles[file]?.() ?? Promise.reject(new Error(`The gallery has no ${file}.`))).then(
          (module) => done(module as T),
          failed,
        );
      },
    };
  }

  readonly pm = {
    get: (host: string) => ({
      registerType: (_: string, type: AuthType & SourceType) => {
        if (host === 'user-data-sync') {
          this.sourceType = type;
        } else {
          this.authType = type;
        }
      },
      registerChannelType: (type: ChannelType) => void (this.channelType = type),
    }),
  };
  readonly flowEngine = { registerModelLoaders() {} };

  addUserCenterSettingsItem(): void {}

  getApiUrl(path: string): string {
    return `${location.origin}/api/${path}`;
  }

  async signInButton(): Promise<ComponentType<{ authenticator: Authenticator }>> {
    const { components, signInButtonLoader } = this.authType;
    const module = components ? components.SignInButton : (await signInButtonLoader?.())?.default;
    return module as ComponentType<{ authenticator: Authenticator }>;
  }

  async settingsForm(): Promise<ComponentType> {
    return (await this.authType.adminSettingsFormLoader?.())?.default as ComponentType;
  }

  async sourceForm(): Promise<ComponentType> {
    return (await this.sourceType.components?.AdminSettingsFormLoader?.())?.default as ComponentType;
  }

  async notificationForm(which: 'channel' | 'message'): Promise<ComponentType> {
    const { ChannelConfigFormLoader, MessageConfigFormLoader } = this.channelType.components ?? {};
    const load = which === 'channel' ? ChannelConfigFormLoader : MessageConfigFormLoader;
    return (await load?.())?.default as ComponentType;
  }

  async page(path: string): Promise<ComponentType> {
    const route = this.routes.find((each) => each.path === path);
    const component = route?.Component ?? (await route?.componentLoader?.());
    if (!component) {
      throw new Error(`The plugin has no page at ${path}.`);
    }
    return component;
  }

  /** As axios: an answer that is no success is an error with a response; without an answer it has none. */
  private async answer<T>(answers: Answers, say: Say, action: string, authenticator: string) {
    this.asked.push(action);
    const answer = answerTo(answers, action, authenticator);
    if (answer === 'silent') {
      return new Promise<never>(() => undefined);
    }
    if (answer === 'unreachable') {
      throw new Error('Network Error');
    }
    if ('refused' in answer) {
      throw Object.assign(new Error('Request failed'), { response: { data: refusal(answer.refused, say) } });
    }
    return { status: 200, data: { data: answer.data as T } };
  }
}
