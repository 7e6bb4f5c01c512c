import { Select } from 'antd';
import { useEffect, useState } from 'react';
import type { Actions } from '../shared/contract';
import { type Field, FieldFailure } from './field';
import { callAction, sentenceOf } from './request';

/** Whose app it is. Who may choose it sees names of authenticators, and nothing else of them. */
export function AuthenticatorField({ plugin, id, value, onChange }: Field<string>) {
  const t = (key: string) => plugin.t(key);
  const [found, setFound] = useState<Actions['listAuthenticators']['answer']>();
  const [failure, setFailure] = useState('');

  useEffect(() => {
    callAction(plugin.app, 'dingtalk:listAuthenticators', {}).then(setFound, (error) =>
      setFailure(sentenceOf(error, plugin, 'SYNC_FAILED')),
    );
  }, [plugin]);

  const options = (found ?? []).map(({ name, title, hasCorpId }) => ({
    value: name,
    label: hasCorpId ? title : `${title} · ${t('has no Corp ID')}`,
    disabled: !hasCorpId,
  }));
  const isGone = found && value && !found.some(({ name }) => name === value);
  return (
    <>
      <Select
        id={id}
        aria-label={t('Authenticator')}
        options={options}
        loading={!found && !failure}
        notFoundContent={t('There is no enabled DingTalk authenticator. Add one under Authentication.')}
        style={{ width: '100%' }}
        value={value ?? undefined}
        onChange={onChange}
      />
      <FieldFailure sentence={failure || (isGone ? t('SOURCE_AUTHENTICATOR') : '')} />
    </>
  );
}
