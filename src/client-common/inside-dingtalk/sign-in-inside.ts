import { loadBeside } from '../load-beside';
import type { Authenticator, ClientPlugin } from '../nocobase';
import { ask, enter, openPage, origin, sentenceOf, type SignedIn } from '../sign-in/sign-in';
import { jsapiCodeOf } from './errors';

/** JSAPI code loads only where it is used. */
const loadJsapi = (plugin: ClientPlugin) => loadBeside<typeof import('./jsapi')>(plugin, 'DingTalkJsapi.js');

/** Signs in whoever uses the DingTalk client, without a click. */
export async function enterInside(plugin: ClientPlugin, { name, options }: Authenticator): Promise<SignedIn> {
  const { clientId = '', corpId = '' } = options;
  const [{ state }, code] = await Promise.all([
    ask<{ state: string }>(plugin.app, 'dingtalk:getState', origin(plugin.app), name),
    loadJsapi(plugin).then((jsapi) => jsapi.requestAuthCode({ clientId, corpId })),
  ]);
  return enter(plugin, name, { code, state });
}

export async function signInInside(plugin: ClientPlugin, authenticator: Authenticator): Promise<void> {
  await openPage(plugin, await enterInside(plugin, authenticator));
}

/** What NocoBase calls a page that has no title, or none yet. */
const UNTITLED = /^(Loading\.\.\.)?$/;

/** DingTalk's bar shows what the page calls itself, from now on; where that is nothing, the name of the system. */
export async function showTitles(plugin: ClientPlugin): Promise<void> {
  const [{ showTitle }, system] = await Promise.all([
    loadJsapi(plugin),
    ask<{ title: string }>(plugin.app, 'systemSettings:get'),
  ]);
  let shown = '';
  const show = () => {
    const title = UNTITLED.test(document.title) ? system.title : document.title;
    if (title !== shown) {
      showTitle((shown = title));
    }
  };
  new MutationObserver(show).observe(document.head, { childList: true, subtree: true, characterData: true });
  show();
}

/** As `sentenceOf`, also for what the DingTalk client refuses. */
export function sentenceInside(error: unknown, plugin: ClientPlugin): string {
  const code = jsapiCodeOf(error);
  return code ? `${plugin.t(code)} (${code})` : sentenceOf(error, plugin);
}
