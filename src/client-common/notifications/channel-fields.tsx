import { Checkbox, Input, InputNumber, Select } from 'antd';
import { useEffect, useState } from 'react';
import type { ChannelOptions, LinkTarget, NotificationState, TooLong } from '../../shared/messages';
import { basePath } from '../addresses';
import { AuthenticatorField } from '../AuthenticatorField';
import { Choices, type Field, FieldFailure, type FormField, Means } from '../field';
import type { Translate } from '../nocobase';
import { callAction, sentenceOf } from '../request';

/** Each also gets the name of the authenticator that is chosen. */
export type ChannelField = FormField<keyof ChannelOptions, { authenticator?: string }>;

/** The fields of a channel's form, in their order; `more` are those that few administrators need. */
export function channelFields(t: Translate): { fields: ChannelField[]; more: ChannelField[] } {
  return {
    fields: [
      { name: 'authenticator', label: t('Authenticator'), Component: AuthenticatorField, required: true },
      { name: 'quota', label: t('Calls in a month'), Component: QuotaField },
      { name: 'links', label: t('Where links open'), Component: LinksField },
      { name: 'asksResult', label: t('Result'), Component: AsksResultBox },
    ],
    more: [
      { name: 'address', label: t('Address of this NocoBase'), Component: AddressField },
      { name: 'hosts', label: t('Other hosts that links may lead to'), Component: HostsField },
      { name: 'tooLong', label: t('Messages of more than 2,048 bytes'), Component: TooLongField },
      { name: 'appendsTime', label: t('Equal messages'), Component: AppendsTimeBox },
    ],
  };
}

/** What the standard edition of DingTalk has, which the server takes without a value. */
const STANDARD_QUOTA = 5000;

/** How many calls the organization has in a month, and how many of them NocoBase made. */
export function QuotaField({ plugin, id, value, onChange, authenticator }: Field<number> & { authenticator?: string }) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [known, setKnown] = useState<{ of: string; state?: NotificationState; failure?: string }>();

  useEffect(() => {
    if (authenticator) {
      callAction(plugin.app, 'dingtalk:getNotificationState', { authenticator }).then(
        (state) => setKnown({ of: authenticator, state }),
        (error) => setKnown({ of: authenticator, failure: sentenceOf(error, plugin, 'MESSAGE_FAILED') }),
      );
    }
  }, [plugin, authenticator]);

  const { state, failure }: Partial<NonNullable<typeof known>> = known?.of === authenticator ? { ...known } : {};
  return (
    <>
      <InputNumber
        id={id}
        aria-label={t('Calls in a month')}
        min={1}
        precision={0}
        placeholder={String(STANDARD_QUOTA)}
        value={value ?? null}
        onChange={(entered) => onChange?.(entered as number)}
      />
      {state && (
        <Means>
          {t('NocoBase made {{calls}} of {{quota}} calls in {{month}}. Other systems of the organization count, too.', {
            calls: state.calls,
            quota: value || STANDARD_QUOTA,
            month: state.month,
          })}
        </Means>
      )}
      <FieldFailure sentence={failure || (state && warningOf(state, t))} />
    </>
  );
}

const warningOf = ({ isOff, hasAgentId }: NotificationState, t: Translate): string =>
  isOff ? t('MESSAGES_OFF') : hasAgentId ? '' : t('AGENT_ID_REQUIRED');

/** Where pages of this NocoBase open. Without a value, what the server takes. */
function LinksField({ plugin, id, value, onChange }: Field<LinkTarget>) {
  const t = (key: string) => plugin.t(key);
  return (
    <Choices
      id={id}
      label={t('Where links open')}
      value={value ?? 'app'}
      onChange={onChange}
      choices={[
        ['app', t('In DingTalk'), t('As the app’s own window, signed in.')],
        ['panel', t('In the side panel'), t('Beside the conversations of DingTalk.')],
        ['browser', t('In the browser'), t('Of the computer. On a phone, everything opens inside DingTalk.')],
      ]}
    />
  );
}

function AsksResultBox({ plugin, id, value, onChange }: Field<boolean>) {
  const t = (key: string) => plugin.t(key);
  return (
    <>
      <Checkbox id={id} checked={value ?? false} onChange={({ target }) => onChange?.(target.checked)}>
        {t('Ask DingTalk what became of a message')}
      </Checkbox>
      <Means>{t('The log then says who got it. Takes one more call of the month’s quota for each 100 people.')}</Means>
    </>
  );
}

/** Where users open this NocoBase. The server knows it only where an environment variable says so. */
function AddressField({ plugin, id, value, onChange }: Field<string>) {
  const t = (key: string) => plugin.t(key);
  const isNew = value === undefined;
  useEffect(() => {
    if (isNew) {
      onChange?.(location.origin + basePath(plugin.app));
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once: whoever empties the field means it
  }, []);
  return (
    <>
      <Input
        id={id}
        aria-label={t('Address of this NocoBase')}
        value={value ?? ''}
        onChange={({ target }) => onChange?.(target.value)}
      />
      <Means>{t('Links that are paths, such as /admin, become links to it.')}</Means>
    </>
  );
}

function HostsField({ plugin, id, value, onChange }: Field<string[]>) {
  const t = (key: string) => plugin.t(key);
  return (
    <>
      <Select
        mode="tags"
        id={id}
        aria-label={t('Other hosts that links may lead to')}
        // Nothing to choose from: what is typed becomes an entry.
        open={false}
        suffixIcon={null}
        tokenSeparators={[',', ';', ' ']}
        style={{ width: '100%' }}
        value={value ?? []}
        onChange={onChange}
      />
      <Means>{t('Such as example.com. Links and pictures of all other hosts become plain text.')}</Means>
    </>
  );
}

function TooLongField({ plugin, id, value, onChange }: Field<TooLong>) {
  const t = (key: string) => plugin.t(key);
  return (
    <Choices
      id={id}
      label={t('Messages of more than 2,048 bytes')}
      value={value ?? 'shorten'}
      onChange={onChange}
      choices={[
        ['shorten', t('Shorten'), t('The text ends with “…”.')],
        ['refuse', t('Refuse'), t('Nothing is sent, and the log says why.')],
      ]}
    />
  );
}

function AppendsTimeBox({ plugin, id, value, onChange }: Field<boolean>) {
  const t = (key: string) => plugin.t(key);
  return (
    <>
      <Checkbox id={id} checked={value ?? true} onChange={({ target }) => onChange?.(target.checked)}>
        {t('Append the time to each message')}
      </Checkbox>
      <Means>{t('DingTalk drops what somebody has already got on the same day, without an error.')}</Means>
    </>
  );
}
