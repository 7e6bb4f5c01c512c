import { CALLBACK_PATH } from '../../../shared/constants';
import type { SignedIn } from '../../../shared/contract';
import { callbackUri } from '../../addresses';
import { loadBundle } from '../../bundles';
import type { Authenticator, ClientPlugin } from '../../nocobase';
import { callAction } from '../../request';
import { signIn } from '../sign-in';

/** `dingtalk-jsapi` is most of what this plugin loads, so pages get it only when they ask the DingTalk client. */
const loadJsapi = (plugin: ClientPlugin) => loadBundle<typeof import('./jsapi')>(plugin, 'DingTalkJsapi');

/**
 * Signs in the user of the DingTalk client, without a click.
 *
 * @param page address of the client's sign-in page, with the page that opens then
 */
export async function signInInside(
  plugin: ClientPlugin,
  { name, options }: Authenticator,
  page: string,
): Promise<SignedIn> {
  const { clientId = '', corpId = '' } = options;
  const [{ state }, code] = await Promise.all([
    callAction(
      plugin.app,
      'dingtalk:getState',
      {
        page,
        callback: callbackUri(plugin.app, CALLBACK_PATH),
        redirect: new URL(page).searchParams.get('redirect'),
      },
      name,
    ),
    loadJsapi(plugin).then((jsapi) => jsapi.requestAuthCode({ clientId, corpId })),
  ]);
  return signIn(plugin, name, { code, state });
}

export async function signInInsideAndOpenPage(plugin: ClientPlugin, authenticator: Authenticator): Promise<void> {
  const { redirect } = await signInInside(plugin, authenticator, location.href);
  // NocoBase's own forms ask this as well: a second factor takes the user to its page by the answer.
  await callAction(plugin.app, 'auth:check').catch(() => undefined);
  location.replace(redirect);
}

/** What NocoBase calls a page that has no title, or none yet. */
const UNTITLED = /^(Loading\.\.\.)?$/;

/** What the DingTalk client's bar shows: the page's title; the name of the system while the page has none. */
export const titleToShow = (pageTitle: string, systemTitle: string) =>
  UNTITLED.test(pageTitle) ? systemTitle : pageTitle;

/** Keeps the title in the DingTalk client's bar that of the page, whichever page NocoBase shows from now on. */
export async function showTitles(plugin: ClientPlugin): Promise<void> {
  const [{ showTitle }, system] = await Promise.all([loadJsapi(plugin), callAction(plugin.app, 'systemSettings:get')]);
  let shown = '';
  const show = () => {
    const title = titleToShow(document.title, system.title);
    if (title !== shown) {
      showTitle((shown = title));
    }
  };
  new MutationObserver(show).observe(document.head, { childList: true, subtree: true, characterData: true });
  show();
}
