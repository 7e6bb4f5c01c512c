import { EnvVariableInput } from '@nocobase/client-v2';
import { Checkbox, Form, Input } from 'antd';
import { ConfigurationCheck } from '../client-common/configuration/ConfigurationCheck';
import { DefaultRoleField } from '../client-common/configuration/default-role';
import { RedirectUrl, SignUpWarning } from '../client-common/configuration/fields';
import { AuthenticatorState, FoundAt, SecretVariable, Section } from '../client-common/configuration/form-parts';
import { SignInTest } from '../client-common/configuration/SignInTest';
import { DingTalkFirstField } from '../client-common/configuration/sign-in-page';
import {
  DedicatedAccountsBox,
  EmailDomainsField,
  MatchByPhoneField,
  ProtectedRolesField,
  SignUpWithoutPhoneBox,
} from '../client-common/configuration/who-may-sign-in';
import { Means } from '../client-common/field';
import { LinkedUsers } from '../client-common/linking/LinkedUsers';
import { MoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin, Translate } from '../client-common/nocobase';
import { DirectoryCount } from '../client-common/sync/DirectoryCount';

/**
 * The settings of an authenticator in v2. Every option of this plugin needs a mounted item here, as NocoBase drops the
 * others when it saves.
 */
export default (plugin: ClientPlugin) => ({ default: () => <SettingsForm plugin={plugin} /> });

function SettingsForm({ plugin }: { plugin: ClientPlugin }) {
  const { app } = plugin;
  const t: Translate = (key, values) => plugin.t(key, values);
  const required = (message: string) => [{ required: true, whitespace: true, message: t(message) }];
  const autoSignup = Form.useWatch(['options', 'public', 'autoSignup']);
  const clientSecret = Form.useWatch(['options', 'dingtalk', 'clientSecret']);
  const corpId = Form.useWatch(['options', 'dingtalk', 'corpId']);
  const name = Form.useWatch('name');
  const enabled = Form.useWatch('enabled');
  // No field has it: only an authenticator that is saved does.
  const id = Form.useWatch('id', { preserve: true });
  return (
    <>
      <AuthenticatorState t={t} name={name} enabled={enabled} />
      <Section title={t('The app in DingTalk')}>
        <Form.Item
          label={t('Redirect URL')}
          htmlFor="dingtalk-redirect-url"
          extra={<FoundAt t={t} value="redirectUrl" />}
        >
          <RedirectUrl app={app} id="dingtalk-redirect-url" t={t} />
        </Form.Item>
        <Form.Item
          name={['options', 'dingtalk', 'clientId']}
          label={t('Client ID')}
          rules={required('Please enter the Client ID')}
          extra={<FoundAt t={t} value="clientId" />}
        >
          <EnvVariableInput />
        </Form.Item>
        <Form.Item
          name={['options', 'dingtalk', 'clientSecret']}
          label={t('Client Secret')}
          rules={required('Please enter the Client Secret')}
          extra={
            <>
              <FoundAt t={t} value="clientSecret" />
              <SecretVariable app={app} t={t} value={clientSecret} />
            </>
          }
        >
          <EnvVariableInput password />
        </Form.Item>
        <Form.Item
          name={['options', 'dingtalk', 'corpId']}
          label={t('Corp ID')}
          tooltip={t('Optional. When it is set, only members of this organization can sign in.')}
          extra={<FoundAt t={t} value="corpId" />}
        >
          <Input />
        </Form.Item>
        <Form.Item
          name={['options', 'dingtalk', 'agentId']}
          label={t('Agent ID')}
          extra={<FoundAt t={t} value="agentId" />}
        >
          <Input inputMode="numeric" />
        </Form.Item>
        <Form.Item noStyle shouldUpdate>
          {({ getFieldValue }) => (
            <>
              {/* The name is not from `useWatch`, which has none at first: a check that was begun then would show nothing. */}
              <ConfigurationCheck
                app={app}
                options={getFieldValue('options') ?? {}}
                authenticator={getFieldValue('name')}
                t={t}
              />
              <SignInTest
                app={app}
                authenticator={getFieldValue('name')}
                options={getFieldValue('options') ?? {}}
                t={t}
              />
            </>
          )}
        </Form.Item>
      </Section>
      <Section title={t('Who signs in')}>
        <Form.Item
          name={['options', 'dingtalk', 'matchByPhone']}
          label={t('Existing users with the same phone number')}
        >
          <MatchByPhoneField plugin={plugin} />
        </Form.Item>
        <Form.Item name={['options', 'public', 'autoSignup']} valuePropName="checked">
          <Checkbox>{t('Sign up automatically when the user does not exist')}</Checkbox>
        </Form.Item>
        {autoSignup && !corpId && <SignUpWarning t={t} />}
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
      </Section>
      <Section title={t('Inside DingTalk')}>
        <Form.Item
          name={['options', 'public', 'autoSignIn']}
          valuePropName="checked"
          extra={
            <Means>
              {t(
                'Needs a Corp ID; without one, DingTalk asks people for their approval. If several authenticators have this on, the first in the list acts.',
              )}
            </Means>
          }
        >
          <Checkbox>{t('Sign in automatically inside DingTalk')}</Checkbox>
        </Form.Item>
      </Section>
      {id !== undefined && (
        <>
          <DirectoryCount plugin={plugin} authenticator={name} />
          <LinkedUsers plugin={plugin} authenticator={name} />
        </>
      )}
    </>
  );
}
