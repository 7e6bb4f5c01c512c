/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin"}
 */
import { App } from 'antd';
import { render, screen } from '@testing-library/react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import { expectRole, form, type Schema } from '../../testing/client/form-of-v1';
import { ACCOUNT_PATH, CALLBACK_PATH, LINK_PATH } from '../shared/constants';
import Plugin from './plugin';
import settingsForm from './SettingsForm';

jest.mock(
  '@nocobase/client',
  () =>
    jest.requireActual<typeof import('../../testing/client/form-of-v1')>('../../testing/client/form-of-v1').nocobase,
  { virtual: true },
);
jest.mock(
  '@formily/react',
  () => jest.requireActual<typeof import('../../testing/client/form-of-v1')>('../../testing/client/form-of-v1').formily,
  { virtual: true },
);

describe('the plugin in v1', () => {
  async function load({ hasHost = true } = {}) {
    const { app, words, loaded } = fakePlugin();
    const registerType = jest.fn();
    const registerSourceType = jest.fn();
    const registerChannelType = jest.fn();
    const hosts: Record<string, object> = {
      '@nocobase/plugin-auth': { registerType },
      ...(hasHost && {
        'user-data-sync': { registerType: registerSourceType },
        'notification-manager': { registerChannelType },
      }),
    };
    const add = jest.fn();
    const navigate = jest.fn();
    const addUserCenterSettingsItem = jest.fn();
    const plugin = Object.assign(new Plugin(), {
      t: words,
      app: Object.assign(app, {
        pm: {
          get: (name: string) => hosts[name],
        },
        router: { add, navigate },
        addUserCenterSettingsItem,
      }),
    });
    await plugin.beforeLoad();
    await plugin.load();
    return { registerType, registerSourceType, registerChannelType, add, navigate, addUserCenterSettingsItem, loaded };
  }

  it('registers the type with a button and a form, which is loaded when it is opened', async () => {
    const { registerType, loaded } = await load();
    expect(registerType.mock.calls).toEqual([
      [
        'dingtalk',
        { components: { SignInButton: expect.any(Function), AdminSettingsForm: { lazy: expect.any(Function) } } },
      ],
    ]);
    expect(loaded).toEqual([]);
    const [[, { components }]] = registerType.mock.calls;
    await expect(components.AdminSettingsForm.lazy()).rejects.toThrow();
    expect(loaded).toEqual(['SettingsForm.js']);
  });

  it('registers the form of a source, which is loaded when it is opened', async () => {
    const { registerSourceType, loaded } = await load();
    const [[type, { components }]] = registerSourceType.mock.calls;
    expect(type).toBe('dingtalk');
    expect(loaded).toEqual([]);
    await expect(components.AdminSettingsForm.lazy()).rejects.toThrow();
    expect(loaded).toEqual(['SourceForm.js']);
  });

  it('registers the forms of a channel and of its messages, which are loaded when they are opened', async () => {
    const { registerChannelType, loaded } = await load();
    const [[{ components, ...type }]] = registerChannelType.mock.calls;
    expect(type).toEqual({ type: 'dingtalk', title: 'DingTalk' });
    // v1's canvas renders the form of v2.
    expect(Object.keys(components)).toEqual(['ChannelConfigForm', 'MessageConfigFormLoader', 'ContentConfigForm']);
    expect(loaded).toEqual([]);
    for (const load of [
      components.ChannelConfigForm.lazy,
      components.MessageConfigFormLoader,
      components.ContentConfigForm.lazy,
    ]) {
      await expect(load()).rejects.toThrow();
    }
    expect(loaded).toEqual(['ChannelConfigForm.js', 'MessageConfigForm.js', 'ContentConfigForm.js']);
  });

  it('registers everything else where NocoBase’s plugins for sources and for notifications are off', async () => {
    const { add } = await load({ hasHost: false });
    expect(add).toHaveBeenCalledTimes(3);
  });

  it('has pages for the way back from DingTalk, which need no session, and one for linking, which does', async () => {
    const { add, loaded } = await load();
    const routes = add.mock.calls.map(([, route]) => route);
    expect(routes).toEqual([
      { path: CALLBACK_PATH, skipAuthCheck: true, Component: expect.any(Function) },
      { path: LINK_PATH, skipAuthCheck: true, componentLoader: expect.any(Function) },
      { path: ACCOUNT_PATH, componentLoader: expect.any(Function) },
    ]);
    for (const { componentLoader } of routes.slice(1)) {
      await expect(componentLoader()).rejects.toThrow();
    }
    expect(loaded).toEqual(['LinkPage.js', 'AccountPage.js']);
  });

  it('has an entry in the user’s menu that opens the account page', async () => {
    const { addUserCenterSettingsItem, navigate } = await load();
    const [[{ componentProps }]] = addUserCenterSettingsItem.mock.calls;
    expect(componentProps.title).toBe('DingTalk account');
    componentProps.onClick();
    expect(navigate.mock.calls).toEqual([[ACCOUNT_PATH]]);
  });
});

describe('the settings form of v1', () => {
  function show() {
    const nocobase = fakePlugin({ language: 'zh-CN' });
    const SettingsForm = settingsForm(nocobase.plugin).default;
    render(<SettingsForm />);
    return nocobase;
  }

  /** Every node with the path of its value, in order: nodes of the type `void` are no part of that. */
  const nodesOf = ({ properties = {} }: Schema, above: string[] = []): [string, Schema][] =>
    Object.entries(properties).flatMap(([name, node]) => {
      const path = [...above, name];
      return [[path.join('.'), node] as [string, Schema], ...nodesOf(node, node.type === 'void' ? above : path)];
    });
  const field = (path: string): Schema => Object.fromEntries(nodesOf(form.schema))[path] ?? {};
  /** What stands below a field. */
  const shownBelow = (path: string) => {
    const { 'x-decorator': name, 'x-decorator-props': props } = field(path);
    const Decorator = form.components[String(name)];
    return render(<Decorator {...(props as object)} />).container;
  };

  it('has the options that the server reads, at their places, in the order in which they are filled in', () => {
    show();
    const values = nodesOf(form.schema).filter(([, { type }]) => type !== 'void' && type !== 'object');
    expect(values.map(([path]) => path)).toEqual([
      ...['dingtalk.clientId', 'dingtalk.clientSecret', 'dingtalk.corpId', 'dingtalk.agentId'],
      ...['dingtalk.matchByPhone', 'public.autoSignup'],
      ...['dingtalk.first', 'dingtalk.defaultRole'],
      ...['dingtalk.protectedRoles', 'dingtalk.emailDomains', 'dingtalk.signUpWithoutPhone'],
      ...['dingtalk.dedicatedAccounts', 'public.autoSignIn'],
    ]);
    // Formily would store an empty list where nothing was chosen.
    expect(values.filter(([, { type }]) => type === 'array')).toEqual([]);
  });

  it('has everything in the order of the work', () => {
    show();
    const places = nodesOf(form.schema).map(([path, node]) => [path.replace(/^.*\./, ''), node['x-index']]);
    const order = ['state', 'redirectUrl', 'clientId', 'check', 'matchByPhone', 'signUpWarning', 'moreSettings'];
    const names = [...order, 'autoSignIn', 'directoryCount', 'linkedUsers'];
    expect(places.filter(([name]) => names.includes(String(name)))).toEqual(names.map((name) => [name, undefined]));
  });

  it('demands Client ID and Client Secret, allows variables for both, and hides the secret', () => {
    const { words } = show();
    for (const name of ['clientId', 'clientSecret']) {
      expect(field(`dingtalk.${name}`)).toMatchObject({ required: true, 'x-component': 'TextAreaWithGlobalScope' });
    }
    expect(field('dingtalk.clientSecret')['x-component-props']).toEqual({ password: true });
    expect(field('dingtalk.corpId').required).toBeUndefined();
    expect(field('dingtalk.corpId').title).toBe(words('Corp ID'));
    expect(field('dingtalk.clientSecret').title).toBe(words('Client Secret'));
  });

  it.each([
    [{ public: { autoSignup: true } }, true],
    [{ public: { autoSignup: true }, dingtalk: { corpId: '' } }, true],
    [{ public: { autoSignup: true }, dingtalk: { corpId: 'ding1' } }, false],
    [{ dingtalk: {} }, false],
    [undefined, false],
  ])('warns where everybody could register, and only there: %j', (options, warned) => {
    form.values = { options };
    show();
    const { SignUpWarning } = form.components;
    render(<SignUpWarning />);
    expect(Boolean(screen.queryByRole('alert'))).toBe(warned);
  });

  it('renders each field that it names, and hands the plugin to it outside of the schema', async () => {
    form.values = { options: { dingtalk: { corpId: 'ding1' } } };
    const { answers, words } = show();
    answers['dingtalk:getRoles'] = [];
    const fields: [string, string][] = [
      ['MatchByPhoneField', 'radiogroup'],
      ['ProtectedRolesField', 'combobox'],
      ['EmailDomainsField', 'combobox'],
      ['SignUpWithoutPhoneBox', 'checkbox'],
      ['DedicatedAccountsBox', 'checkbox'],
      ['MoreSettings', 'button'],
    ];
    for (const [name, role] of fields) {
      await expectRole(name, role);
    }
    expect(JSON.stringify(form.schema)).not.toContain('"plugin"');
    expect(field('dingtalk.matchByPhone').title).toBe(words('Existing users with the same phone number'));
  });

  it.each([
    ['ding1', false],
    ['', true],
  ])('has boxes that follow the Corp ID in the form: %j', (corpId, disabled) => {
    form.values = { options: { dingtalk: { corpId } } };
    show();
    for (const name of ['SignUpWithoutPhoneBox', 'DedicatedAccountsBox']) {
      const Box = form.components[name];
      const { unmount } = render(<Box />);
      expect(screen.getByRole<HTMLInputElement>('checkbox').disabled).toBe(disabled);
      unmount();
    }
  });

  it('shows the Redirect URL, and where to register it', () => {
    const { words } = show();
    const { RedirectUrl } = form.components;
    render(
      <App>
        <RedirectUrl />
      </App>,
    );
    expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe(
      'https://nocobase.example.com/api/dingtalk:redirect',
    );
    expect(shownBelow('redirectUrl').textContent).toContain('安全设置');
    expect(field('redirectUrl').title).toBe(words('Redirect URL'));
  });

  it('checks and tests what stands in the form', () => {
    form.values = { options: { dingtalk: { clientId: 'id', clientSecret: 'secret' }, public: { autoSignup: true } } };
    const { words } = show();
    const { Check } = form.components;
    render(<Check />);
    const buttons = screen.getAllByRole<HTMLButtonElement>('button');
    expect(buttons.map(({ textContent, disabled }) => [textContent, disabled])).toEqual([
      [words('Check configuration'), false],
      [words('Test sign-in'), false],
    ]);
  });

  it.each([
    ['redirectUrl', '安全设置', 'https://open-dev.dingtalk.com/fe/app#/corp/app'],
    ['dingtalk.clientId', '凭证与基础信息', 'https://open-dev.dingtalk.com/fe/app#/corp/app'],
    ['dingtalk.clientSecret', '凭证与基础信息', 'https://open-dev.dingtalk.com/fe/app#/corp/app'],
    ['dingtalk.corpId', '首页', 'https://open-dev.dingtalk.com/'],
    ['dingtalk.agentId', '凭证与基础信息', 'https://open-dev.dingtalk.com/fe/app#/corp/app'],
  ])('says where %s stands in DingTalk’s console, and links to it', async (path, menu, page) => {
    const { answers } = show();
    answers['environmentVariables:list'] = [];
    const hint = shownBelow(path);
    await settle();
    expect(hint.textContent).toContain(menu);
    expect(hint.querySelector('a')?.getAttribute('href')).toBe(page);
    expect(hint.querySelector('a')?.getAttribute('rel')).toBe('noopener noreferrer');
  });

  it('has a way to a variable below the secret, until one is chosen', async () => {
    const { words } = fakePlugin({ language: 'zh-CN' });
    for (const [clientSecret, told] of [
      ['plain', true],
      ['{{ $env.SECRET }}', false],
    ] as const) {
      form.values = { options: { dingtalk: { clientSecret } } };
      const { answers } = show();
      answers['environmentVariables:list'] = [];
      const hint = shownBelow('dingtalk.clientSecret');
      await settle();
      expect(hint.textContent?.includes(words('Variables and secrets'))).toBe(told);
    }
  });

  it('says of NocoBase’s own fields that the authenticator is not enabled, or cannot be sent', () => {
    form.values = { name: '钉钉', enabled: false };
    const { words } = show();
    const { AuthenticatorState } = form.components;
    render(<AuthenticatorState />);
    expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual([
      words('AUTH_UID_INVALID'),
      words('This authenticator is not enabled: nobody can sign in with it.'),
    ]);
  });

  it.each([
    ['is saved', 7, ['dingtalk:getLinkedUsers', 'dingtalk:countMembers']],
    ['is not saved yet', undefined, []],
  ])('shows linked users and the directory of an authenticator that %s', async (_, id, asked) => {
    form.values = { id, name: 's_1' };
    const { requests, words, answers } = show();
    answers['dingtalk:getLinkedUsers'] = { users: [], more: false };
    answers['dingtalk:countMembers'] = null;
    const { LinkedUsers, DirectoryCount } = form.components;
    render(<LinkedUsers />);
    render(<DirectoryCount />);
    for (const panel of screen.queryAllByText(words('Linked users'))) {
      await click(panel);
    }
    await settle();
    expect(requests.map(({ url }) => url).sort()).toEqual([...asked].sort());
    expect(requests.every(({ data }) => JSON.stringify(data).includes('"authenticator":"s_1"'))).toBe(true);
  });
});
