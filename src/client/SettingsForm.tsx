import { observer, useForm } from '@formily/react';
import { FormItem, SchemaComponent } from '@nocobase/client';
import type { ComponentProps, ComponentType, ReactNode } from 'react';
import { ConfigurationCheck } from '../client-common/configuration/ConfigurationCheck';
import { DefaultRoleField } from '../client-common/configuration/default-role';
import {
  RedirectUrl as AnyRedirectUrl,
  SignUpWarning as AnySignUpWarning,
} from '../client-common/configuration/fields';
import { SignInTest } from '../client-common/configuration/SignInTest';
import {
  AuthenticatorState as AnyAuthenticatorState,
  FoundAt,
  SecretVariable as AnySecretVariable,
  Section,
} from '../client-common/configuration/form-parts';
import { DingTalkFirstField } from '../client-common/configuration/sign-in-page';
import {
  DedicatedAccountsBox,
  EmailDomainsField,
  MatchByPhoneField,
  ProtectedRolesField,
  SignUpWithoutPhoneBox,
} from '../client-common/configuration/who-may-sign-in';
import { LinkedUsers as AnyLinkedUsers } from '../client-common/linking/LinkedUsers';
import { MoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin, Translate } from '../client-common/nocobase';
import { DirectoryCount as AnyDirectoryCount } from '../client-common/sync/DirectoryCount';
import type { AuthenticatorOptions } from '../shared/contract';

interface FoundItemProps extends Pick<ComponentProps<typeof FoundAt>, 'value'> {
  children?: ReactNode;
}

interface Values {
  /** Missing for an authenticator that is not saved yet. */
  id?: number | string;
  /** Auth UID. */
  name?: string;
  enabled?: boolean;
  options?: AuthenticatorOptions;
}

/** The settings of an authenticator in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t: Translate = (key, values) => plugin.t(key, values);

  const RedirectUrl = ({ id }: { id?: string }) => <AnyRedirectUrl app={app} id={id} t={t} />;

  // Observers: Formily renders nothing else again when a value of another field changes.
  const AuthenticatorState = observer(() => {
    const { name, enabled } = useForm<Values>().values;
    return <AnyAuthenticatorState t={t} name={name} enabled={enabled} />;
  });
  const SecretVariable = observer(() => {
    const { options } = useForm<Values>().values;
    return <AnySecretVariable app={app} t={t} value={options?.dingtalk?.clientSecret} />;
  });
  /**
   * A field with its place in DingTalk's console. Not as a `description`: with an element in the schema, whoever copies
   * that would copy all of React.
   */
  const FoundItem = ({ value, children, ...props }: FoundItemProps) => (
    <FormItem {...props}>
      {children}
      <FoundAt t={t} value={value} />
      {value === 'clientSecret' && <SecretVariable />}
    </FormItem>
  );
  const Check = observer(() => {
    const { name, options } = useForm<Values>().values;
    const values = { dingtalk: { ...options?.dingtalk }, public: { ...options?.public } };
    return (
      <>
        <ConfigurationCheck app={app} options={values} authenticator={name} t={t} />
        <SignInTest app={app} authenticator={name} options={values} t={t} />
      </>
    );
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
  /** What there is of an authenticator that is saved. */
  const ofSaved = (Component: ComponentType<{ plugin: ClientPlugin; authenticator?: string }>) =>
    observer(() => {
      const { id, name } = useForm<Values>().values;
      return id === undefined ? null : <Component plugin={plugin} authenticator={name} />;
    });
  const components = {
    AuthenticatorState,
    Check,
    DirectoryCount: ofSaved(AnyDirectoryCount),
    DefaultRoleField: withPlugin(DefaultRoleField),
    DingTalkFirstField: withPlugin(DingTalkFirstField),
    DedicatedAccountsBox: withCorpId(DedicatedAccountsBox),
    EmailDomainsField: withPlugin(EmailDomainsField),
    FoundItem,
    LinkedUsers: ofSaved(AnyLinkedUsers),
    MatchByPhoneField: withPlugin(MatchByPhoneField),
    MoreSettings: withPlugin(MoreSettings),
    ProtectedRolesField: withPlugin(ProtectedRolesField),
    RedirectUrl,
    Section,
    SignUpWarning,
    SignUpWithoutPhoneBox: withCorpId(SignUpWithoutPhoneBox),
  };

  const section = (title: string, properties: object) => ({
    type: 'void',
    'x-component': 'Section',
    'x-component-props': { title },
    properties,
  });

  // Several nodes have the path of `options.dingtalk`: nodes of the type `void` are no part of the path of a value.
  const SettingsForm = () => (
    <SchemaComponent
      components={components}
      schema={{
        type: 'void',
        properties: {
          state: { type: 'void', 'x-component': 'AuthenticatorState' },
          app: section(t('The app in DingTalk'), {
            redirectUrl: {
              type: 'void',
              title: t('Redirect URL'),
              'x-decorator': 'FoundItem',
              'x-decorator-props': { value: 'redirectUrl' },
              'x-component': 'RedirectUrl',
            },
            dingtalk: {
              type: 'object',
              properties: {
                clientId: {
                  type: 'string',
                  title: t('Client ID'),
                  required: true,
                  'x-decorator': 'FoundItem',
                  'x-decorator-props': { value: 'clientId' },
                  'x-component': 'TextAreaWithGlobalScope',
                },
                clientSecret: {
                  type: 'string',
                  title: t('Client Secret'),
                  required: true,
                  'x-decorator': 'FoundItem',
                  'x-decorator-props': { value: 'clientSecret' },
                  'x-component': 'TextAreaWithGlobalScope',
                  'x-component-props': { password: true },
                },
                corpId: {
                  type: 'string',
                  title: t('Corp ID'),
                  'x-decorator': 'FoundItem',
                  'x-decorator-props': {
                    value: 'corpId',
                    tooltip: t('Optional. When it is set, only members of this organization can sign in.'),
                  },
                  'x-component': 'Input',
                  'x-component-props': { 'aria-label': t('Corp ID') },
                },
                agentId: {
                  type: 'string',
                  title: t('Agent ID'),
                  'x-decorator': 'FoundItem',
                  'x-decorator-props': { value: 'agentId' },
                  'x-component': 'Input',
                  'x-component-props': { 'aria-label': t('Agent ID'), inputMode: 'numeric' },
                },
              },
            },
            check: { type: 'void', 'x-component': 'Check' },
          }),
          people: section(t('Who signs in'), {
            matching: {
              type: 'void',
              properties: {
                dingtalk: {
                  type: 'object',
                  properties: {
                    matchByPhone: {
                      type: 'string',
                      title: t('Existing users with the same phone number'),
                      'x-decorator': 'FormItem',
                      'x-component': 'MatchByPhoneField',
                    },
                  },
                },
              },
            },
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
            signUpWarning: { type: 'void', 'x-component': 'SignUpWarning' },
            dingtalk: {
              type: 'object',
              properties: {
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
          }),
          inside: section(t('Inside DingTalk'), {
            public: {
              type: 'object',
              properties: {
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
          }),
          directoryCount: { type: 'void', 'x-component': 'DirectoryCount' },
          linkedUsers: { type: 'void', 'x-component': 'LinkedUsers' },
        },
      }}
    />
  );

  return { default: SettingsForm };
};
