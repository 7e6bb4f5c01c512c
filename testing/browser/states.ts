import type { Locator, Route } from 'playwright-core';
import type { Link } from '../../src/shared/contract';
import { AccountPage } from './account-page';
import type { Language } from './clients';
import { becomeAdministrator, SettingsPage } from './settings-page';
import { CALLBACK_PAGE, type Visitor } from './visitor';
import { addAuthenticator, type AuthenticatorOptions } from './world';

/** How a state is looked at. */
export interface Look {
  dark?: true;
  phone?: true;
  language?: Language;
}

/** What people can see of the plugin. */
export interface State {
  name: string;
  /** Those that the documents show. */
  pictures?: Look[];
  /** Whether a desktop's usual height is too little to see it all. */
  tall?: true;
  /** In the DingTalk app on a phone. */
  inside?: true;
  show(visitor: Visitor): Promise<unknown>;
  /** Our parts of the page. */
  ours(visitor: Visitor): Locator;
  /** Selectors of what NocoBase's theme colours within them. */
  notOurs?: string[];
}

const LIGHT: Look = {};
const CHINESE: Look = { language: 'zh-CN' };

const TITLE = 'Harbour Tech';

const hold = (): Promise<void> => new Promise(() => undefined);

const answer = (data: object) => (route: Route) => route.fulfill({ json: { data } });

async function signInPage(visitor: Visitor, options: AuthenticatorOptions = {}): Promise<void> {
  await addAuthenticator(visitor.world, options);
  await visitor.opens('/signin');
  await visitor.button(options.title ?? visitor.words('Sign in via DingTalk')).waitFor();
}

const linked = { nickname: '小伟' };
const link: Link = { name: 'dingtalk', title: TITLE, linked: null, canUnlink: true };

/** What the server may tell a user. The way there is for other tests. */
export const ACCOUNTS = {
  none: [],
  notLinked: [link],
  linked: [{ ...link, linked }],
  onlyWayIn: [{ ...link, linked, canUnlink: false }],
  long: [
    { ...link, title: 'x'.repeat(255), linked: { nickname: 'y'.repeat(255) } },
    { ...link, name: 'other', title: 'A company with a very long name, '.repeat(8).slice(0, 255) },
  ],
} satisfies Record<string, Link[]>;

export async function showAccount(visitor: Visitor, links: Link[]): Promise<AccountPage> {
  await becomeAdministrator(visitor);
  await visitor.page.route('**/dingtalk:getLinks', answer(links));
  const page = new AccountPage(visitor);
  await page.open();
  await visitor.page
    .locator(links.length ? '.ant-list-item' : '.ant-list-empty-text')
    .first()
    .waitFor();
  return page;
}

async function newSettings(visitor: Visitor): Promise<SettingsPage> {
  await becomeAdministrator(visitor);
  const settings = new SettingsPage(visitor);
  await settings.open();
  await settings.addNew();
  return settings;
}

async function filledSettings(visitor: Visitor): Promise<SettingsPage> {
  const [{ clientId, clientSecret, corpId }] = visitor.world.emulator.data.apps;
  const settings = await newSettings(visitor);
  await settings.enter('Client ID', clientId);
  await settings.enter('Client Secret', clientSecret);
  await settings.enter('Corp ID', corpId);
  return settings;
}

/** Has the server's answer name DingTalk's host in place of the emulator's, whose port changes. */
const nameDingTalk =
  ({ world: { nocobase, emulator } }: Visitor) =>
  async (route: Route) => {
    const { host } = new URL(nocobase.url);
    const headers = { ...(await route.request().allHeaders()), host };
    const response = await route.fetch({ url: `${nocobase.apiUrl}/dingtalk:checkConfiguration`, headers });
    const text = await response.text();
    await route.fulfill({ response, body: text.replaceAll(new URL(emulator.url).host, 'api.dingtalk.com') });
  };

const button = ({ page }: Visitor) => page.locator('.ant-space-item:has(> button[aria-label])').last();
const callback = ({ page }: Visitor) => page.locator('[role=status]:has(.ant-spin), [role=alert], a.ant-btn');
const account = ({ page }: Visitor) => page.locator('div:has(> h1 ~ .ant-card)');
const dialog = ({ page }: Visitor) => page.getByRole('dialog');
/** White on NocoBase's red has a contrast of 3.3. */
const RED_BUTTON = ['.ant-modal .ant-btn-dangerous'];
/** NocoBase's own fields and labels stand between ours. */
const form = ({ page }: Visitor) =>
  page
    .locator('.ant-drawer-body')
    .locator(
      '.ant-checkbox-wrapper:has(span + span), .ant-space-compact:has(> input[readonly]), .ant-alert-warning, div:has(> [aria-live]), .ant-collapse',
    );

export const states: State[] = [
  { name: 'sign-in', pictures: [LIGHT, CHINESE, { dark: true }, { phone: true }], show: signInPage, ours: button },
  {
    name: 'sign-in-long',
    show: (visitor) =>
      signInPage(visitor, { title: 'A very long name of a very large company, '.repeat(7).slice(0, 255) }),
    ours: button,
  },
  {
    name: 'leaving',
    async show(visitor) {
      await visitor.page.route('**/dingtalk:getAuthUrl', hold);
      await signInPage(visitor);
      await visitor.button('').click();
      await visitor.page.locator('.ant-btn-loading').waitFor();
    },
    ours: button,
  },
  {
    name: 'refused',
    pictures: [LIGHT],
    async show(visitor) {
      await signInPage(visitor, { clientSecret: '' });
      await visitor.button('').click();
      await visitor.page.getByRole('alert').filter({ hasText: 'NOT_CONFIGURED' }).waitFor();
    },
    ours: button,
  },
  {
    name: 'signing-in',
    async show(visitor) {
      await visitor.page.route('**/auth:signIn', hold);
      await visitor.opens(`${CALLBACK_PAGE}#authenticator=dingtalk&code=x&state=x`);
      await visitor.page.getByText(visitor.words('Signing in with DingTalk…')).waitFor();
    },
    ours: callback,
  },
  {
    name: 'failure',
    pictures: [LIGHT],
    async show(visitor) {
      await visitor.opens(`${CALLBACK_PAGE}#error=ACCESS_DENIED`);
      await visitor.page.getByRole('alert').filter({ hasText: 'ACCESS_DENIED' }).waitFor();
    },
    ours: callback,
  },
  {
    name: 'linking',
    async show(visitor) {
      await visitor.page.route('**/dingtalk:link', hold);
      await visitor.opens(`${CALLBACK_PAGE}/link#code=x&state=x`);
      await visitor.page.getByText(visitor.words('Linking your DingTalk account…')).waitFor();
    },
    ours: callback,
  },
  {
    name: 'account-not-linked',
    pictures: [LIGHT],
    show: (visitor) => showAccount(visitor, ACCOUNTS.notLinked),
    ours: account,
  },
  {
    name: 'account-linked',
    pictures: [LIGHT],
    show: (visitor) => showAccount(visitor, ACCOUNTS.linked),
    ours: account,
  },
  {
    name: 'account-only-way-in',
    pictures: [LIGHT],
    show: (visitor) => showAccount(visitor, ACCOUNTS.onlyWayIn),
    ours: account,
  },
  { name: 'account-none', show: (visitor) => showAccount(visitor, ACCOUNTS.none), ours: account },
  {
    name: 'account-long',
    show: (visitor) => showAccount(visitor, ACCOUNTS.long),
    ours: account,
  },
  {
    name: 'account-failure',
    async show(visitor) {
      const page = await showAccount(visitor, ACCOUNTS.notLinked);
      await visitor.page.route('**/dingtalk:getLinkUrl', (route) => route.abort());
      await page.link(TITLE).click();
      await visitor.page.getByRole('alert').waitFor();
    },
    ours: account,
  },
  {
    name: 'account-unlink',
    async show(visitor) {
      const page = await showAccount(visitor, ACCOUNTS.linked);
      await page.unlink(TITLE).click();
      await visitor.page.getByText(visitor.words('Unlink this DingTalk account?')).waitFor();
    },
    ours: dialog,
    notOurs: RED_BUTTON,
  },
  {
    name: 'settings',
    tall: true,
    pictures: [LIGHT, CHINESE],
    show: async (visitor) => void (await filledSettings(visitor)),
    ours: form,
  },
  {
    name: 'settings-warning',
    tall: true,
    async show(visitor) {
      const settings = await newSettings(visitor);
      await settings.autoSignup.check();
    },
    ours: form,
  },
  {
    name: 'settings-check',
    tall: true,
    pictures: [LIGHT],
    async show(visitor) {
      await visitor.page.route('**/dingtalk:checkConfiguration', nameDingTalk(visitor));
      const settings = await filledSettings(visitor);
      await settings.check();
      await settings.page.locator('.ant-btn-loading').waitFor({ state: 'detached' });
    },
    ours: form,
  },
  {
    name: 'settings-check-bad',
    tall: true,
    async show(visitor) {
      const settings = await newSettings(visitor);
      await settings.enter('Client ID', 'x');
      await settings.enter('Client Secret', 'x');
      await settings.autoSignup.check();
      await settings.check();
      await settings.page.locator('.ant-btn-loading').waitFor({ state: 'detached' });
    },
    ours: form,
  },
  {
    name: 'linked-users',
    tall: true,
    pictures: [LIGHT],
    async show(visitor) {
      const users = [
        { id: 1, nickname: '王芳', username: 'wang-fang', linked: '芳芳' },
        { id: 2, nickname: '张伟', username: 'zhang-wei', linked: '小伟' },
      ];
      await visitor.page.route('**/dingtalk:getLinkedUsers', answer({ users, more: true }));
      const settings = await newSettings(visitor);
      await settings.page.getByText(visitor.words('Linked users')).click();
      await settings.page.getByText('小伟').scrollIntoViewIfNeeded();
    },
    ours: form,
  },
  {
    name: 'inside-dingtalk',
    inside: true,
    pictures: [{ phone: true }],
    async show(visitor) {
      const [{ corpId }] = visitor.world.emulator.data.organizations;
      await visitor.page.route('**/auth:signIn', hold);
      await addAuthenticator(visitor.world, { autoSignIn: true, corpId });
      await visitor.opens('/signin');
      await visitor.page.getByText(visitor.words('Signing in with DingTalk…')).waitFor();
    },
    ours: ({ page }) => page.getByRole('status').filter({ has: page.locator('.ant-spin') }),
  },
];
