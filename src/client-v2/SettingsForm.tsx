import { EnvVariableInput } from '@nocobase/client-v2';
import { Checkbox, Form, Input } from 'antd';
import { ConfigurationCheck } from '../client-common/configuration/ConfigurationCheck';
import { DefaultRoleField } from '../client-common/configuration/default-role';
import { RedirectUrl, SignUpWarning } from '../client-common/configuration/fields';
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

/**
 * The settings of an authenticator in v2. Every option of this plugin needs a mounted item here, as NocoBase drops the
 * others when it saves.
 */
export default (plugin: ClientPlugin) => ({ default: () => <SettingsForm plugin={plugin} /> });

function SettingsForm({ plugin }: { plugin: ClientPlugin }) {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);
  const required = (message: string) => [{ required: true, whitespace: true, message: t(message) }];
  const autoSignup = Form.useWatch(['options', 'public', 'autoSignup']);
  const corpId = Form.useWatch(['options', 'dingtalk', 'corpId']);
  const name = Form.useWatch('name');
  return (
    <>
      <Form.Item name={['options', 'public', 'autoSignup']} valuePropName="checked">
        <Checkbox>{t('Sign up automatically when the user does not exist')}</Checkbox>
      </Form.Item>
      <Form.Item
        name={['options', 'public', 'autoSignIn']}
        valuePropName="checked"
        extra={t(
          'Needs a Corp ID; without one, DingTalk asks people for their approval. If several authenticators have this on, the first in the list acts.',
        )}
      >
        <Checkbox>{t('Sign in automatically inside DingTalk')}</Checkbox>
      </Form.Item>
      <Form.Item
        name={['options', 'dingtalk', 'clientId']}
        label={t('Client ID')}
        rules={required('Please enter the Client ID')}
      >
        <EnvVariableInput />
      </Form.Item>
      <Form.Item
        name={['options', 'dingtalk', 'clientSecret']}
        label={t('Client Secret')}
        rules={required('Please enter the Client Secret')}
      >
        <EnvVariableInput password />
      </Form.Item>
      <Form.Item
        name={['options', 'dingtalk', 'corpId']}
        label={t('Corp ID')}
        tooltip={t('Optional. When it is set, only members of this organization can sign in.')}
      >
        <Input />
      </Form.Item>
      <Form.Item
        name={['options', 'dingtalk', 'agentId']}
        label={t('Agent ID')}
        extra={t(
          'Needed for messages. The developer console shows it as AgentId beside the Client ID, under 凭证与基础信息.',
        )}
      >
        <Input inputMode="numeric" />
      </Form.Item>
      {autoSignup && !corpId && <SignUpWarning t={t} />}
      <Form.Item name={['options', 'dingtalk', 'matchByPhone']} label={t('Existing users with the same phone number')}>
        <MatchByPhoneField plugin={plugin} />
      </Form.Item>
      <MoreSettings plugin={plugin}>
        <Form.Item name={['options', 'dingtalk', 'first']} label={t('Sign-in page')}>
          <DingTalkFirstField plugin={plugin} />
        </Form.Item>
        <Form.Item name={['options', 'dingtalk', 'defaultRole']} label={t('Role of new users')}>
          <DefaultRoleField plugin={plugin} />
        </Form.Item>
        <Form.Item name={['options', 'dingtalk', 'protectedRoles']} label={t('Protected roles')}>
          <ProtectedRolesField plugin={plugin} />
        </Form.Item>
        <Form.Item name={['options', 'dingtalk', 'emailDomains']} label={t('E-mail domains')}>
          <EmailDomainsField plugin={plugin} />
        </Form.Item>
        <Form.Item name={['options', 'dingtalk', 'signUpWithoutPhone']}>
          <SignUpWithoutPhoneBox plugin={plugin} corpId={corpId} />
        </Form.Item>
        <Form.Item name={['options', 'dingtalk', 'dedicatedAccounts']} style={{ marginBottom: 0 }}>
          <DedicatedAccountsBox plugin={plugin} corpId={corpId} />
        </Form.Item>
      </MoreSettings>
      <Form.Item
        label={t('Redirect URL')}
        htmlFor="dingtalk-redirect-url"
        extra={t('Register this address with your DingTalk app, under 安全设置 › 重定向URL.')}
      >
        <RedirectUrl app={app} id="dingtalk-redirect-url" t={t} />
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) => <ConfigurationCheck app={app} options={getFieldValue('options') ?? {}} t={t} />}
      </Form.Item>
      <DirectoryCount plugin={plugin} authenticator={name} />
      <LinkedUsers plugin={plugin} authenticator={name} />
    </>
  );
}
