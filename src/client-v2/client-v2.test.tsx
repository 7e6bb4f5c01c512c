/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/v/signin"}
 */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { App, Form, type FormInstance } from 'antd';
import { act } from 'react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin, networkError } from '../../testing/client/fake-plugin';
import { ACCOUNT_PATH, CALLBACK_PATH, LINK_PATH } from '../shared/constants';
import accountItem from './AccountItem';
import Plugin from './plugin';
import settingsForm from './SettingsForm';

jest.mock(
  '@nocobase/client-v2',
  () => ({
    Plugin: class {
      app: unknown;
    },
    UserCenterActionItemModel: class {
      context: unknown;
    },
    EnvVariableInput: ({
      id,
      value,
      onChange,
      password,
    }: Record<string, never> & { onChange?: (value: string) => void }) => (
      <input
        id={id}
        type={password ? 'password' : 'text'}
        value={value ?? ''}
        onChange={(event) => onChange?.(event.target.value)}
      />
    ),
  }),
  { virtual: true },
);

describe('the plugin in v2', () => {
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
    const registerModelLoaders = jest.fn();
    const plugin = Object.assign(new Plugin(), {
      t: words,
      app: Object.assign(app, {
        pm: {
          get: (name: string) => hosts[name],
        },
        router: { add },
        flowEngine: { registerModelLoaders },
      }),
    });
    await plugin.beforeLoad();
    await plugin.load();
    return { registerType, registerSourceType, registerChannelType, add, registerModelLoaders, loaded };
  }

  it('registers the type with a button and a form, which is loaded when it is opened', async () => {
    const { registerType, loaded } = await load();
    const [[type, { signInButtonLoader, adminSettingsFormLoader }]] = registerType.mock.calls;
    expect(type).toBe('dingtalk');
    await expect(signInButtonLoader()).resolves.toEqual({ default: expect.any(Function) });
    expect(loaded).toEqual([]);
    await expect(adminSettingsFormLoader()).rejects.toThrow();
    expect(loaded).toEqual(['SettingsForm.js']);
  });

  it('registers the form of a source, which is loaded when it is opened', async () => {
    const { registerSourceType, loaded } = await load();
    const [[type, { components }]] = registerSourceType.mock.calls;
    expect(type).toBe('dingtalk');
    expect(loaded).toEqual([]);
    await expect(components.AdminSettingsFormLoader()).rejects.toThrow();
    expect(loaded).toEqual(['SourceForm.js']);
  });

  it('registers the forms of a channel and of its messages, which are loaded when they are opened', async () => {
    const { registerChannelType, loaded } = await load();
    const [[{ components, ...type }]] = registerChannelType.mock.calls;
    expect(type).toEqual({ type: 'dingtalk', title: 'DingTalk' });
    expect(loaded).toEqual([]);
    for (const name of ['Channel', 'Message', 'Content']) {
      await expect(components[`${name}ConfigFormLoader`]()).rejects.toThrow();
    }
    expect(loaded).toEqual(['ChannelConfigForm.js', 'MessageConfigForm.js', 'ContentConfigForm.js']);
  });

  it('registers everything else where NocoBase’s plugins for sources and for notifications are off', async () => {
    const { registerModelLoaders } = await load({ hasHost: false });
    expect(registerModelLoaders).toHaveBeenCalledTimes(1);
  });

  it('has pages for the way back from DingTalk, which need no session, and one for linking, which does', async () => {
    const { add } = await load();
    expect(add.mock.calls.map(([, route]) => route)).toEqual([
      { path: CALLBACK_PATH, skipAuthCheck: true, Component: expect.any(Function) },
      { path: LINK_PATH, skipAuthCheck: true, componentLoader: expect.any(Function) },
      { path: ACCOUNT_PATH, componentLoader: expect.any(Function) },
    ]);
  });

  it('has an entry in the user’s menu that opens the account page', async () => {
    const { registerModelLoaders } = await load();
    expect(registerModelLoaders.mock.calls).toEqual([
      [{ DingTalkAccountItemModel: { extends: 'UserCenterItemModel', loader: expect.any(Function) } }],
    ]);
    const AccountItem = accountItem(fakePlugin({ language: 'zh-CN' }).plugin);
    const item = new AccountItem();
    const navigate = jest.fn();
    Object.assign(item, { context: { app: { router: { navigate } } } });
    expect(item.label).toBe('钉钉账号');
    await item.onClick();
    expect(navigate.mock.calls).toEqual([[ACCOUNT_PATH]]);
  });
});

describe('the settings form of v2', () => {
  const ROLES = [{ name: 'finance', title: 'Finance', isPrivileged: false }];

  /** @param named whether NocoBase's own fields are there, too */
  async function show(values: object = {}, answers: Record<string, unknown> = {}, named = false) {
    const nocobase = fakePlugin({
      basename: '/v/',
      answers: {
        'dingtalk:checkConfiguration': [],
        'dingtalk:getRoles': ROLES,
        'dingtalk:countMembers': null,
        'dingtalk:getLinkedUsers': { users: [], more: false },
        'environmentVariables:list': [{ name: 'OPEN', type: 'default' }],
        ...answers,
      },
    });
    const SettingsForm = settingsForm(nocobase.plugin).default;
    let form: FormInstance | undefined;
    const Page = () => {
      [form] = Form.useForm();
      return (
        <App>
          <Form form={form} initialValues={values}>
            {named && (
              <>
                <Form.Item name="name">
                  <input />
                </Form.Item>
                <Form.Item name="enabled" valuePropName="checked">
                  <input type="checkbox" />
                </Form.Item>
              </>
            )}
            <SettingsForm />
          </Form>
        </App>
      );
    };
    render(<Page />);
    await settle();
    return { ...nocobase, form: form as unknown as FormInstance };
  }

  const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name });
  const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
  const WARNING = 'Without a Corp ID, anyone with a DingTalk account can register.';

  it('has a mounted item for every option, as NocoBase saves no others', async () => {
    const { form } = await show();
    await click(box('Sign up automatically when the user does not exist'));
    await click(box('Sign in automatically inside DingTalk'));
    fireEvent.change(field('Client ID'), { target: { value: 'id' } });
    fireEvent.change(field('Client Secret'), { target: { value: 'secret' } });
    fireEvent.change(field('Corp ID'), { target: { value: 'ding1' } });
    fireEvent.change(field('Agent ID'), { target: { value: '2839445214' } });
    await settle();
    await click(screen.getByRole('radio', { name: /^Never/ }));
    await click(screen.getByRole('radio', { name: /^Go to DingTalk at once/ }));
    const [role, roles, domains] = screen.getAllByRole('combobox');
    fireEvent.mouseDown(role);
    await click(screen.getAllByTitle('Finance')[0]);
    fireEvent.mouseDown(roles);
    await click(screen.getAllByTitle('Finance').slice(-1)[0]);
    fireEvent.change(domains, { target: { value: 'example.com' } });
    fireEvent.keyDown(domains, { key: 'Enter', keyCode: 13 });
    await click(box('Sign up users without a phone number'));
    await click(box('Sign in with dedicated accounts (专属账号)'));
    await settle();
    expect(form.getFieldsValue()).toEqual({
      options: {
        public: { autoSignup: true, autoSignIn: true },
        dingtalk: {
          clientId: 'id',
          clientSecret: 'secret',
          corpId: 'ding1',
          agentId: '2839445214',
          matchByPhone: 'never',
          first: 'atOnce',
          defaultRole: 'finance',
          protectedRoles: ['finance'],
          emailDomains: ['example.com'],
          signUpWithoutPhone: true,
          dedicatedAccounts: true,
        },
      },
    });
    expect(field('Client Secret').type).toBe('password');
    expect(field('Client ID').type).toBe('text');
  });

  it('stores nothing that was not chosen', async () => {
    const { form } = await show({ options: { dingtalk: { clientId: 'id' } } });
    expect(JSON.parse(JSON.stringify(form.getFieldsValue()))).toEqual({
      options: { public: {}, dingtalk: { clientId: 'id' } },
    });
  });

  it.each([undefined, '', '   '])('demands Client ID and Client Secret, and nothing else (%j)', async (value) => {
    const { form, words } = await show({ options: { dingtalk: { clientId: value, clientSecret: value } } });
    let failure: { errorFields?: { errors: string[] }[] } = {};
    await act(() => form.validateFields().catch((error) => (failure = error)));
    expect(failure.errorFields?.flatMap(({ errors }) => errors)).toEqual([
      words('Please enter the Client ID'),
      words('Please enter the Client Secret'),
    ]);
  });

  it('warns where everybody could register, and only there', async () => {
    const { form } = await show();
    expect(screen.queryByText(WARNING)).toBeNull();
    await click(box('Sign up automatically when the user does not exist'));
    expect(screen.queryByText(WARNING)).not.toBeNull();
    await act(async () => form.setFieldValue(['options', 'dingtalk', 'corpId'], 'ding1'));
    await settle();
    expect(screen.queryByText(WARNING)).toBeNull();
  });

  it('shows the Redirect URL under its label, and where to register it', async () => {
    const { words } = await show();
    const shown = screen.getByRole<HTMLInputElement>('textbox', { name: words('Redirect URL') });
    expect(shown.value).toBe('https://nocobase.example.com/api/dingtalk:redirect');
    expect(document.querySelector(`label[for="${shown.id}"]`)?.textContent).toBe(words('Redirect URL'));
    expect(document.body.textContent).toContain(
      words('Register this address with your DingTalk app, under 安全设置 › 重定向URL.'),
    );
  });

  it('has everything in the order of the work, and a place in DingTalk’s console for each value', async () => {
    await show();
    const labels = [...document.querySelectorAll('h3, label[title], button')].map(({ textContent }) => textContent);
    const order = [
      ...['The app in DingTalk', 'Redirect URL', 'Client ID', 'Client Secret', 'Corp ID', 'Agent ID'],
      ...['Check configuration', 'Who signs in', 'Existing users with the same phone number', 'Inside DingTalk'],
    ];
    expect(labels.filter((label) => order.includes(label ?? ''))).toEqual(order);
    const links = [...document.querySelectorAll('.ant-form-item-extra a')].map((link) => link.getAttribute('href'));
    const apps = 'https://open-dev.dingtalk.com/fe/app#/corp/app';
    const variables = '/v/admin/settings/environment';
    expect(links).toEqual([apps, apps, apps, variables, 'https://open-dev.dingtalk.com/', apps]);
    for (const link of document.querySelectorAll('a')) {
      expect([link.getAttribute('target'), link.getAttribute('rel')]).toEqual(['_blank', 'noopener noreferrer']);
    }
  });

  it.each([
    ['an encrypted variable', [{ name: 'SECRET', type: 'secret' }], 'plain'],
    ['a variable in the field', [], '{{ $env.SECRET }}'],
  ])('says nothing of variables where there is %s', async (_, variables, clientSecret) => {
    const { words } = await show(
      { options: { dingtalk: { clientSecret } } },
      { 'environmentVariables:list': variables },
    );
    expect(screen.queryByText(words('Variables and secrets'))).toBeNull();
  });

  it('says nothing of variables where NocoBase has no page for them', async () => {
    const refused = () => Promise.reject(networkError());
    const { words } = await show({}, { 'environmentVariables:list': refused });
    expect(screen.queryByText(words('Variables and secrets'))).toBeNull();
  });

  it.each([
    [
      'not enabled',
      { name: 's_1', enabled: false },
      ['This authenticator is not enabled: nobody can sign in with it.'],
    ],
    ['enabled', { name: 's_1', enabled: true }, []],
    ['of a name that no browser can send', { name: 'ding ', enabled: true }, ['AUTH_UID_INVALID']],
  ])('says of an authenticator that it is %s', async (_, values, told) => {
    const { words, form } = await show(values, {}, true);
    expect(screen.queryAllByRole('status').map(({ textContent }) => textContent)).toEqual(told.map(words));
    await act(async () => form.setFieldsValue({ name: 's_1', enabled: true }));
    await settle();
    expect(screen.queryAllByRole('status')).toEqual([]);
  });

  it('shows linked users only of an authenticator that is saved', async () => {
    const { words, bodiesOf } = await show({ name: 's_1' }, {}, true);
    expect(screen.queryByText(words('Linked users'))).toBeNull();
    expect(bodiesOf('dingtalk:countMembers')).toEqual([]);
    cleanup();
    const saved = await show({ id: 7, name: 's_1' }, {}, true);
    expect(screen.queryByText(words('Linked users'))).not.toBeNull();
    expect(saved.bodiesOf('dingtalk:countMembers')).toEqual([{ authenticator: 's_1' }]);
  });

  it('checks and tests what stands in the form now', async () => {
    jest.spyOn(window, 'open').mockReturnValue(null);
    const { bodiesOf } = await show({ options: { dingtalk: { clientId: 'id', clientSecret: 'old' } } });
    fireEvent.change(field('Client Secret'), { target: { value: 'new' } });
    await settle();
    await click(screen.getByRole('button', { name: 'Check configuration' }));
    expect(bodiesOf('dingtalk:checkConfiguration')).toMatchObject([
      { options: { dingtalk: { clientId: 'id', clientSecret: 'new' } } },
    ]);
    await click(screen.getByRole('button', { name: 'Test sign-in' }));
    expect(bodiesOf('dingtalk:testSignIn')).toMatchObject([
      { options: { dingtalk: { clientId: 'id', clientSecret: 'new' } } },
    ]);
  });
});
