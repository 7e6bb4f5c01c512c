/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin"}
 */
import { App } from 'antd';
import { render, screen } from '@testing-library/react';
import type { ComponentType } from 'react';
import { settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import { ACCOUNT_PATH, CALLBACK_PATH, LINK_PATH } from '../shared/constants';
import Plugin from './plugin';
import settingsForm from './SettingsForm';

interface Schema {
  title?: string;
  required?: boolean;
  description?: string;
  properties?: Record<string, Schema>;
  [more: string]: unknown;
}

let rendered: { schema: Schema; components: Record<string, ComponentType<object>> };
let formValues: object = {};

jest.mock(
  '@nocobase/client',
  () => ({
    Plugin: class {
      app: unknown;
    },
    lazy: (load: unknown) => ({ lazy: load }),
    SchemaComponent: (props: typeof rendered) => {
      rendered = props;
      return null;
    },
  }),
  { virtual: true },
);
jest.mock(
  '@formily/react',
  () => ({ observer: (component: unknown) => component, useForm: () => ({ values: formValues }) }),
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

  const field = (path: string): Schema =>
    path.split('.').reduce<Schema>((schema, name) => schema.properties?.[name] ?? {}, rendered.schema);

  it('has the options that the server reads, at their places', () => {
    show();
    const optionsOf = (name: string) => Object.keys(field(name).properties ?? {});
    expect(optionsOf('public')).toEqual(['autoSignup', 'autoSignIn']);
    expect(optionsOf('dingtalk')).toEqual([
      ...['clientId', 'clientSecret', 'corpId', 'agentId', 'signUpWarning', 'matchByPhone', 'moreSettings'],
    ]);
    // Nodes of the type `void` are no part of the path of a value.
    expect(field('dingtalk.moreSettings').type).toBe('void');
    const more = ['first', 'defaultRole', 'protectedRoles', 'emailDomains', 'signUpWithoutPhone', 'dedicatedAccounts'];
    expect(optionsOf('dingtalk.moreSettings')).toEqual(more);
    for (const name of more) {
      expect(field(`dingtalk.moreSettings.${name}`).type).not.toBe('void');
    }
  });

  it('has everything in the order in which it is filled in', () => {
    show();
    const { properties = {} } = rendered.schema;
    const places = Object.entries(properties).map(([name, part]) => [name, part['x-index']]);
    const names = ['public', 'dingtalk', 'redirectUrl', 'check', 'directoryCount', 'linkedUsers'];
    expect(places).toEqual(names.map((name) => [name, undefined]));
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
    formValues = { options };
    show();
    const { SignUpWarning } = rendered.components;
    render(<SignUpWarning />);
    expect(Boolean(screen.queryByRole('alert'))).toBe(warned);
  });

  it('renders each field that it names, and hands the plugin to it outside of the schema', async () => {
    formValues = { options: { dingtalk: { corpId: 'ding1' } } };
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
      const Field = rendered.components[name];
      const { unmount } = render(<Field />);
      await settle();
      expect(screen.getByRole(role)).toBeTruthy();
      unmount();
    }
    expect(JSON.stringify(rendered.schema)).not.toContain('"plugin"');
    expect(field('dingtalk.matchByPhone').title).toBe(words('Existing users with the same phone number'));
  });

  it.each([
    ['ding1', false],
    ['', true],
  ])('has boxes that follow the Corp ID in the form: %j', (corpId, disabled) => {
    formValues = { options: { dingtalk: { corpId } } };
    show();
    for (const name of ['SignUpWithoutPhoneBox', 'DedicatedAccountsBox']) {
      const Box = rendered.components[name];
      const { unmount } = render(<Box />);
      expect(screen.getByRole<HTMLInputElement>('checkbox').disabled).toBe(disabled);
      unmount();
    }
  });

  it('shows the Redirect URL, and where to register it', () => {
    const { words } = show();
    const { RedirectUrl } = rendered.components;
    render(
      <App>
        <RedirectUrl />
      </App>,
    );
    expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe(
      'https://nocobase.example.com/api/dingtalk:redirect',
    );
    expect(field('redirectUrl').description).toContain('安全设置');
    expect(field('redirectUrl').title).toBe(words('Redirect URL'));
  });

  it('checks what stands in the form', () => {
    formValues = { options: { dingtalk: { clientId: 'id', clientSecret: 'secret' }, public: { autoSignup: true } } };
    show();
    const { Check } = rendered.components;
    render(<Check />);
    expect(screen.getByRole<HTMLButtonElement>('button').disabled).toBe(false);
  });

  it('lists the linked users of the authenticator that is shown', () => {
    show();
    expect(field('linkedUsers')['x-component-props']).toEqual({ authenticator: '{{ $form.values.name }}' });
  });
});
