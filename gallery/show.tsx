import { createRoot, type Root } from 'react-dom/client';
import type { ComponentType } from 'react';
import { AUTH_TYPE } from '../src/shared/constants';
import { hands } from './hands';
import type { Look } from './look';
import { GalleryApp } from './nocobase/app';
import { FormDrawer, PasswordForm, Shell, SettingsDrawer, SignInPage, SourceDrawer, UserPage } from './nocobase/shell';
import { bundles, jsapiBundle, paths, plugins, type Authenticator } from './pages';
import type { PageName, State } from './states';
import type { Say } from './words';

declare global {
  interface Window {
    /** For tests: what the page asked its server. */
    asked: string[];
  }
}

const SIGNED_IN: PageName[] = ['account', 'settings', 'source', 'channel', 'message'];

let root: Root | undefined;

/** Shows a state, until it is there. */
export async function show(state: State, look: Look, say: Say): Promise<void> {
  root?.unmount();
  const app = new GalleryApp({
    client: look.client,
    answers: state.answers?.(say) ?? {},
    say,
    token: state.hasToken ? 'x' : null,
    bundles: state.dingTalkClient ? { ...bundles, 'DingTalkJsapi.js': jsapiBundle(state.dingTalkClient) } : bundles,
  });
  window.asked = app.asked;
  const plugin = Object.assign(new (await plugins[look.client]())(), { app, t: say });
  const address = location.href;
  if (state.isOpenedLater) {
    history.replaceState(null, '', '/');
  }
  await plugin.beforeLoad();
  await plugin.load();
  if (state.isOpenedLater) {
    history.replaceState(null, '', address);
  }
  const parts = await partsOf(state, app);
  root = createRoot(document.getElementById('root') as HTMLElement);
  root.render(
    <Shell look={look} signedIn={SIGNED_IN.includes(state.page)}>
      <Page state={state} parts={parts} />
    </Shell>,
  );
  await state.show(hands);
}

interface Parts {
  SignInButton?: ComponentType<{ authenticator: Authenticator }>;
  Content?: ComponentType;
}

async function partsOf({ page }: State, app: GalleryApp): Promise<Parts> {
  if (page === 'sign-in') {
    return { SignInButton: await app.signInButton() };
  }
  if (page === 'source') {
    return { Content: await app.sourceForm() };
  }
  if (page === 'channel' || page === 'message') {
    return { Content: await app.notificationForm(page) };
  }
  const path = paths[page];
  return { Content: path ? await app.page(path) : await app.settingsForm() };
}

/** A page of the plugin where NocoBase has it. */
function Page({ state, parts: { SignInButton, Content } }: { state: State; parts: Parts }) {
  if (SignInButton) {
    const authenticators = authenticatorsOf(state);
    return (
      <SignInPage
        form={state.first && <PasswordForm />}
        buttons={authenticators.map((authenticator) => (
          <SignInButton key={authenticator.name} authenticator={authenticator} />
        ))}
      />
    );
  }
  const content = Content && <Content />;
  switch (state.page) {
    case 'account':
      return <UserPage>{content}</UserPage>;
    case 'settings':
      return (
        <SettingsDrawer options={state.options} record={state.record}>
          {content}
        </SettingsDrawer>
      );
    case 'source':
      return (
        <SourceDrawer name={state.isSaved && 'dingtalk'} options={state.source}>
          {content}
        </SourceDrawer>
      );
    case 'channel':
      return <FormDrawer values={{ name: 'dingtalk', options: state.channel }}>{content}</FormDrawer>;
    case 'message':
      return <FormDrawer values={{ channelName: 'dingtalk', content: state.content }}>{content}</FormDrawer>;
    default:
      return <SignInPage>{content}</SignInPage>;
  }
}

function authenticatorsOf({ authenticators = { dingtalk: '' }, dingTalkClient, first }: State): Authenticator[] {
  const options = dingTalkClient ? ({ autoSignIn: true, clientId: 'x', corpId: 'x' } as const) : { first };
  return Object.entries(authenticators).map(([name, title]) => ({ name, title, authType: AUTH_TYPE, options }));
}
