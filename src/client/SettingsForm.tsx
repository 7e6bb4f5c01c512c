import { SchemaComponent, useApp } from '@nocobase/client';
import { CopyableText } from '../client-common/CopyableText';
import { redirectUri } from '../client-common/redirect-uri';
import { PACKAGE_NAME } from '../constants';

/** What the administrator enters. NocoBase puts it inside the form's field `options`. */
export default function SettingsForm() {
  const app = useApp();
  const t = (key: string) => app.i18n.t(key, { ns: PACKAGE_NAME });
  const RedirectUrl = ({ id }: { id?: string }) => <CopyableText id={id} value={redirectUri(app)} t={t} />;
  return (
    <SchemaComponent
      components={{ RedirectUrl }}
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
              },
            },
          },
          redirectUrl: {
            type: 'void',
            title: t('Redirect URL'),
            'x-decorator': 'FormItem',
            'x-decorator-props': {
              extra: t('Register this address with your DingTalk app, under 安全设置 › 重定向URL.'),
            },
            'x-component': 'RedirectUrl',
          },
        },
      }}
    />
  );
}
