import { Button, Flex, Select, Typography } from 'antd';
import { useEffect, useState } from 'react';
import type { LinkedUsers } from '../../shared/contract';
import type { ChannelOptions, TestResult } from '../../shared/messages';
import { FieldFailure } from '../field';
import { Findings } from '../Findings';
import { nameOf } from '../NamedRow';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction, sentenceOf } from '../request';

const SEARCH_MS = 300;

interface Props {
  plugin: ClientPlugin;
  /** The values of the form, which need not be saved. */
  options: ChannelOptions;
}

interface Result {
  /** What it is of. */
  asked: string;
  found?: TestResult;
  failure?: string;
}

/** Sends a test by the values of the form, and says in words what became of it. */
export function ChannelTrial({ plugin, options }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [user, setUser] = useState<number | string>();
  const [isSending, setIsSending] = useState(false);
  const [result, setResult] = useState<Result>();
  const asked = JSON.stringify([options, user]);

  const send = async () => {
    setIsSending(true);
    const body = { options, ...(user !== undefined && { user }) };
    setResult(
      await callAction(plugin.app, 'dingtalk:sendTest', body).then(
        (found) => ({ asked, found }),
        (error) => ({ asked, failure: sentenceOf(error, plugin, 'MESSAGE_FAILED') }),
      ),
    );
    setIsSending(false);
  };

  // What became of a test says nothing about other values, so it disappears when the form changes.
  const current = result?.asked === asked ? result : undefined;
  return (
    <section style={{ marginBottom: 24 }} aria-busy={isSending}>
      <Flex wrap align="center" gap="small">
        <Button loading={isSending} disabled={!options.authenticator} onClick={send}>
          {t('Send a test')}
        </Button>
        <UserChoice plugin={plugin} authenticator={options.authenticator} value={user} onChange={setUser} />
      </Flex>
      <Typography.Paragraph style={{ margin: '8px 0 0' }}>
        {t('A fixed text, by the values above, also where they are not saved. Takes one or two calls of the quota.')}
      </Typography.Paragraph>
      <div aria-live="polite">
        {current?.found && <Findings findings={[current.found]} t={t} />}
        <FieldFailure sentence={current?.failure} />
      </div>
    </section>
  );
}

interface ChoiceProps {
  plugin: ClientPlugin;
  authenticator?: string;
  value?: number | string;
  onChange(user: number | string | undefined): void;
}

/** Oneself, or somebody else who is linked, whom one finds by the name. */
function UserChoice({ plugin, authenticator, value, onChange }: ChoiceProps) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [search, setSearch] = useState('');
  const [found, setFound] = useState<LinkedUsers & { failure?: string }>();

  useEffect(() => {
    const wanted = search.trim();
    if (!wanted || !authenticator) {
      return;
    }
    let isCurrent = true;
    const timer = setTimeout(() => {
      callAction(plugin.app, 'dingtalk:getReceivers', { authenticator, search: wanted })
        .catch((error) => ({ users: [], more: false, failure: sentenceOf(error, plugin, 'MESSAGE_FAILED') }))
        .then((answer) => isCurrent && setFound(answer));
    }, SEARCH_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [plugin, authenticator, search]);

  return (
    <Select
      showSearch
      allowClear
      aria-label={t('To whom')}
      placeholder={t('To me, or search for a linked user')}
      filterOption={false}
      onSearch={setSearch}
      options={found?.users.map((one) => ({ value: one.id, label: nameOf(one) })) ?? []}
      notFoundContent={
        found?.failure ?? (search.trim() ? t('No user found.') : t('Search by name, e-mail address or phone number'))
      }
      style={{ flex: '1 1 240px', maxWidth: 400 }}
      value={value}
      onChange={onChange}
    />
  );
}
