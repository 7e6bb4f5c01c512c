import { observer, useForm } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import { ConfigurationCheck } from '../client-common/configuration/ConfigurationCheck';
import { RedirectUrl as AnyRedirectUrl, SignUpWarning } from '../client-common/configuration/fields';
import { LinkedUsers as AnyLinkedUsers } from '../client-common/linking/LinkedUsers';
import type { ClientPlugin } from '../client-common/nocobase';
import type { AuthenticatorOptions } from '../shared/contract';

/** The settings of an authenticator in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);

  const RedirectUrl = ({ id }: { id?: string }) => <AnyRedirectUrl app={app} id={id} t={t} />;

  const LinkedUsers = ({ authenticator }: { authenticator?: string }) => (
    <AnyLinkedUsers plugin={plugin} authenticator={authenticator} />
  );

  /** An observer: Formily renders nothing else again when a value changes. */
  const Check = observer(() => {
    const { options } = useForm<{ options?: AuthenticatorOptions }>().values;
    const values = { dingtalk: { ...options?.dingtalk }, public: { ...options?.public } };
    return <ConfigurationCheck app={app} options={values} t={t} />;
  });

  const SettingsForm = () => (
    <SchemaComponent
      components={{ Check, LinkedUsers, RedirectUrl, SignUpWarning }}
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
            },
          },
          signUpWarning: {
            type: 'void',
            'x-component': 'SignUpWarning',
            'x-component-props': { t },
            'x-reactions': {
              dependencies: ['.public.autoSignup', '.dingtalk.corpId'],
              fulfill: { state: { visible: '{{ !!$deps[0] && !$deps[1] }}' } },
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
