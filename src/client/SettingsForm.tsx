import { observer, useForm } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import type { ComponentType } from 'react';
import { ConfigurationCheck } from '../client-common/configuration/ConfigurationCheck';
import { DefaultRoleField } from '../client-common/configuration/default-role';
import {
  RedirectUrl as AnyRedirectUrl,
  SignUpWarning as AnySignUpWarning,
} from '../client-common/configuration/fields';
import { DingTalkFirstField } from '../client-common/configuration/sign-in-page';
import {
  DedicatedAccountsBox,
  EmailDomainsField,
  MatchByPhoneField,
  ProtectedRolesField,
  SignUpWithoutPhoneBox,
} from '../client-common/configuration/who-may-sign-in';
import { LinkedUsers } from '../client-common/linking/LinkedUsers';
import { MoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { DirectoryCount } from '../client-common/sync/DirectoryCount';
import type { AuthenticatorOptions } from '../shared/contract';

/** The settings of an authenticator in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);

  const RedirectUrl = ({ id }: { id?: string }) => <AnyRedirectUrl app={app} id={id} t={t} />;

  // Observers: Formily renders nothing else again when a value of another field changes.
  type Values = { options?: AuthenticatorOptions };
  const Check = observer(() => {
    const { options } = useForm<Values>().values;
    const values = { dingtalk: { ...options?.dingtalk }, public: { ...options?.public } };
    return <ConfigurationCheck app={app} options={values} t={t} />;
  });
  const SignUpWarning = observer(() => {
    const { options } = useForm<Values>().values;
    return options?.public?.autoSignup && !options.dingtalk?.corpId ? <AnySignUpWarning t={t} /> : null;
  });

  // In closures, not among the properties of the schema: Formily walks through those, and would through all of NocoBase.
  const withPlugin =
    <Props extends object>(Component: ComponentType<Props & { plugin: ClientPlugin }>) =>
    (props: Props) => <Component {...props} plugin={plugin} />;
  const withCorpId = (Box: typeof SignUpWithoutPhoneBox) =>
    observer((props: object) => (
      <Box {...props} plugin={plugin} corpId={useForm<Values>().values.options?.dingtalk?.corpId} />
    ));
  const components = {
    Check,
    DirectoryCount: withPlugin(DirectoryCount),
    DefaultRoleField: withPlugin(DefaultRoleField),
    DingTalkFirstField: withPlugin(DingTalkFirstField),
    DedicatedAccountsBox: withCorpId(DedicatedAccountsBox),
    EmailDomainsField: withPlugin(EmailDomainsField),
    LinkedUsers: withPlugin(LinkedUsers),
    MatchByPhoneField: withPlugin(MatchByPhoneField),
    MoreSettings: withPlugin(MoreSettings),
    ProtectedRolesField: withPlugin(ProtectedRolesField),
    RedirectUrl,
    SignUpWarning,
    SignUpWithoutPhoneBox: withCorpId(SignUpWithoutPhoneBox),
  };

  const SettingsForm = () => (
    <SchemaComponent
      components={components}
      schema={{
        type: 'void',
        properties: {
          public: {
            type: 'object',
            properties: {
              autoSignup: {
                type: 'boolean',
                'x-decorator': 'FormItem',
                'x-component': 'Checkbox',
                'x-content': t('Sign up automatically when the user does not exist'),
              },
              autoSignIn: {
                type: 'boolean',
                description: t(
                  'Needs a Corp ID; without one, DingTalk asks people for their approval. If several authenticators have this on, the first in the list acts.',
                ),
                'x-decorator': 'FormItem',
                'x-component': 'Checkbox',
                'x-content': t('Sign in automatically inside DingTalk'),
              },
            },
          },
          dingtalk: {
            type: 'object',
            properties: {
              clientId: {
                type: 'string',
                title: t('Client ID'),
                required: true,
                'x-decorator': 'FormItem',
                'x-component': 'TextAreaWithGlobalScope',
              },
              clientSecret: {
                type: 'string',
                title: t('Client Secret'),
                required: true,
                'x-decorator': 'FormItem',
                'x-component': 'TextAreaWithGlobalScope',
                'x-component-props': { password: true },
              },
              corpId: {
                type: 'string',
                title: t('Corp ID'),
                'x-decorator': 'FormItem',
                'x-decorator-props': {
                  tooltip: t('Optional. When it is set, only members of this organization can sign in.'),
                },
                'x-component': 'Input',
                'x-component-props': { 'aria-label': t('Corp ID') },
              },
              agentId: {
                type: 'string',
                title: t('Agent ID'),
                description: t(
                  'Needed for messages. The developer console shows it as AgentId beside the Client ID, under 凭证与基础信息.',
                ),
                'x-decorator': 'FormItem',
                'x-component': 'Input',
                'x-component-props': { 'aria-label': t('Agent ID'), inputMode: 'numeric' },
              },
              signUpWarning: {
                type: 'void',
                'x-component': 'SignUpWarning',
              },
              matchByPhone: {
                type: 'string',
                title: t('Existing users with the same phone number'),
                'x-decorator': 'FormItem',
                'x-component': 'MatchByPhoneField',
              },
              moreSettings: {
                type: 'void',
                'x-component': 'MoreSettings',
                properties: {
                  first: {
                    type: 'string',
                    title: t('Sign-in page'),
                    'x-decorator': 'FormItem',
                    'x-component': 'DingTalkFirstField',
                  },
                  defaultRole: {
                    type: 'string',
                    title: t('Role of new users'),
                    'x-decorator': 'FormItem',
                    'x-component': 'DefaultRoleField',
                  },
                  // Not `array`: Formily would store an empty one where nothing was chosen.
                  protectedRoles: {
                    type: 'string',
                    title: t('Protected roles'),
                    'x-decorator': 'FormItem',
                    'x-component': 'ProtectedRolesField',
                  },
                  emailDomains: {
                    type: 'string',
                    title: t('E-mail domains'),
                    'x-decorator': 'FormItem',
                    'x-component': 'EmailDomainsField',
                  },
                  signUpWithoutPhone: {
                    type: 'boolean',
                    'x-decorator': 'FormItem',
                    'x-component': 'SignUpWithoutPhoneBox',
                  },
                  dedicatedAccounts: {
                    type: 'boolean',
                    'x-decorator': 'FormItem',
                    'x-component': 'DedicatedAccountsBox',
                  },
                },
              },
            },
          },
          redirectUrl: {
            type: 'void',
            title: t('Redirect URL'),
            // As `description`: NocoBase's FormItem overwrites a property `extra` with it.
            description: t('Register this address with your DingTalk app, under 安全设置 › 重定向URL.'),
            'x-decorator': 'FormItem',
            'x-component': 'RedirectUrl',
          },
          check: {
            type: 'void',
            'x-component': 'Check',
          },
          directoryCount: {
            type: 'void',
            'x-component': 'DirectoryCount',
            'x-component-props': { authenticator: '{{ $form.values.name }}' },
          },
          linkedUsers: {
            type: 'void',
            'x-component': 'LinkedUsers',
            'x-component-props': { authenticator: '{{ $form.values.name }}' },
          },
        },
      }}
    />
  );

  return { default: SettingsForm };
};
