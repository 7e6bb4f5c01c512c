/** The only module of the gallery that knows where the code of the clients stands. */
import { ACCOUNT_PATH, CALLBACK_PATH, LINK_PATH } from '../src/shared/constants';
import type { DingTalkClientCode } from '../src/shared/codes';
import type { Client } from './look';
import type { Bundle } from './nocobase/app';
import type { PageName } from './states';

interface Loadable {
  app: unknown;
  t: unknown;
  beforeLoad(): Promise<void>;
  load(): Promise<void>;
}

export type { Authenticator } from '../src/client-common/nocobase';

/** Where the plugin adds its own pages, below the base of a client. */
export const paths: Partial<Record<PageName, string>> = {
  callback: CALLBACK_PATH,
  link: LINK_PATH,
  test: LINK_PATH,
  account: ACCOUNT_PATH,
};

/** Loaded when a page is shown: some modules read the address or the storage while they load. */
export const plugins: Record<Client, () => Promise<new () => Loadable>> = {
  v1: async () => (await import('../src/client')).default,
  v2: async () => (await import('../src/client-v2')).default,
};

/** What `rollup.config.mjs` makes a bundle of its own, except for the code that speaks to DingTalk's client. */
export const bundles: Record<string, Bundle> = {
  'AccountPage.js': () => import('../src/client-common/linking/AccountPage'),
  'CallbackFailure.js': () => import('../src/client-common/sign-in/CallbackFailure'),
  'DingTalkFirst.js': () => import('../src/client-common/sign-in/first/DingTalkFirst'),
  'InsideDingTalk.js': () => import('../src/client-common/sign-in/inside/InsideDingTalk'),
  'LinkPage.js': () => import('../src/client-common/linking/LinkPage'),
  'SignInTestResult.js': () => import('../src/client-common/configuration/SignInTestResult'),
  'SettingsForm.js': () => import('../src/client-v2/SettingsForm'),
  'ChannelConfigForm.js': () => import('../src/client-v2/ChannelConfigForm'),
  'MessageConfigForm.js': () => import('../src/client-v2/MessageConfigForm'),
  'SourceForm.js': () => import('../src/client-v2/SourceForm'),
};

/** The same interface, for a DingTalk client that gives a code or says why it gives none. */
export const jsapiBundle = (answer: 'a code' | DingTalkClientCode): Bundle => {
  const requestAuthCode = () => (answer === 'a code' ? Promise.resolve('x') : Promise.reject({ code: answer }));
  return () => Promise.resolve({ default: () => ({ requestAuthCode, showTitle() {} }) });
};
