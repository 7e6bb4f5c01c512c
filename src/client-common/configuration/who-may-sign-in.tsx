import { Alert, Checkbox, Select } from 'antd';
import type { MatchByPhone } from '../../shared/contract';
import { Choices, type Field, FieldFailure, Means } from '../field';
import { useRoles } from './use-roles';

/** What becomes of an existing user whose phone number an account has. Without a value, what the server takes. */
export function MatchByPhoneField({ plugin, id, value, onChange }: Field<MatchByPhone>) {
  const t = (key: string) => plugin.t(key);
  const choices: [MatchByPhone, string, string][] = [
    [
      'automatic',
      t('Automatic'),
      t(
        'The first sign-in with DingTalk finds the user by the phone number. Privileged users are never found this way: they sign in another way and confirm.',
      ),
    ],
    ['confirm', t('Confirm'), t('The user signs in another way first, and then confirms the link.')],
    ['never', t('Never'), t('Users sign in another way, and link their DingTalk account on their own account page.')],
  ];
  return (
    <Choices
      id={id}
      label={t('Existing users with the same phone number')}
      value={value ?? 'automatic'}
      onChange={onChange}
      choices={choices}
    />
  );
}

/** Roles whose users are never matched by phone, besides the privileged ones, which are named below. */
export function ProtectedRolesField({ plugin, id, value, onChange }: Field<string[]>) {
  const t = (key: string) => plugin.t(key);
  const { roles, options, failure } = useRoles(plugin);
  const privileged = roles.filter(({ isPrivileged }) => isPrivileged);
  return (
    <>
      <Select
        mode="multiple"
        id={id}
        aria-label={t('Protected roles')}
        options={options}
        optionFilterProp="label"
        style={{ width: '100%' }}
        value={value ?? []}
        onChange={onChange}
      />
      <Means>
        {t('Users with these roles are never found by their phone number: they sign in another way and confirm.')}
      </Means>
      {privileged.length > 0 && (
        <Means>
          {t('Always protected:')} {privileged.map(({ title }) => title).join(' · ')}
        </Means>
      )}
      <FieldFailure sentence={failure} />
    </>
  );
}

/** Domains of which a new user gets the e-mail address that DingTalk names. */
export function EmailDomainsField({ plugin, id, value, onChange }: Field<string[]>) {
  const t = (key: string) => plugin.t(key);
  return (
    <>
      <Select
        mode="tags"
        id={id}
        aria-label={t('E-mail domains')}
        // Nothing to choose from: what is typed becomes an entry.
        open={false}
        suffixIcon={null}
        tokenSeparators={[',', ';', ' ']}
        style={{ width: '100%' }}
        value={value ?? []}
        onChange={(entered: string[]) => onChange?.(domainsIn(entered))}
      />
      <Means>
        {t(
          'New users get the e-mail address that DingTalk names only if it is in one of these domains. DingTalk does not vouch for addresses: enter only domains whose addresses your organization gives out.',
        )}
      </Means>
    </>
  );
}

/** What an administrator may enter for a domain: `@Example.com`, and a whole address, too. */
const domainsIn = (entered: string[]) => [
  ...new Set(entered.map((entry) => entry.replace(/^.*@/, '').trim().toLowerCase()).filter(Boolean)),
];

interface CorpIdBoxProps extends Field<boolean> {
  /** Without one the box has no effect, and so shows none. */
  corpId?: string | null;
  label: string;
  means: string;
  /** What is said while the box is ticked. */
  warning?: string;
}

/** An option that needs a Corp ID. */
function CorpIdBox({ id, value, onChange, corpId, label, means, warning }: CorpIdBoxProps) {
  const on = Boolean(corpId) && value === true;
  return (
    <>
      <Checkbox
        id={id}
        checked={on}
        disabled={!corpId}
        aria-describedby={id && `${id}-means`}
        onChange={({ target }) => onChange?.(target.checked)}
      >
        {label}
      </Checkbox>
      <Means id={id && `${id}-means`}>{means}</Means>
      {on && warning && <Alert showIcon type="warning" message={warning} style={{ marginTop: 8 }} />}
    </>
  );
}

type BoxProps = Field<boolean> & Pick<CorpIdBoxProps, 'corpId'>;

/** Whether accounts without a phone number become users. */
export const SignUpWithoutPhoneBox = (props: BoxProps) => {
  const t = (key: string) => props.plugin.t(key);
  return (
    <CorpIdBox
      {...props}
      label={t('Sign up users without a phone number')}
      means={t('Needs a Corp ID and automatic sign-up.')}
      warning={t('SIGN_UP_WITHOUT_PHONE')}
    />
  );
};

/** Whether DingTalk's page for dedicated accounts opens. */
export const DedicatedAccountsBox = (props: BoxProps) => {
  const t = (key: string) => props.plugin.t(key);
  return (
    <CorpIdBox
      {...props}
      label={t('Sign in with dedicated accounts (专属账号)')}
      means={t('Needs a Corp ID. In the browser, DingTalk then asks for a dedicated account of the organization.')}
    />
  );
};
