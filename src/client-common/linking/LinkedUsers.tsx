import { Alert, Button, Collapse, Input, List, Typography } from 'antd';
import { useState } from 'react';
import type { LinkedUser, LinkedUsers as Answer } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { callAction, sentenceOf } from '../request';
import { NamedRow } from './AccountRow';
import { UnlinkDialog } from './UnlinkDialog';

interface Props {
  plugin: ClientPlugin;
  /** Name of the authenticator. One that is not saved yet has no linked users. */
  authenticator?: string;
}

/** Where an administrator finds a linked user, and unlinks them. */
export function LinkedUsers({ plugin, authenticator }: Props) {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);
  const [search, setSearch] = useState('');
  const [found, setFound] = useState<Answer>();
  const [failure, setFailure] = useState('');
  const [searching, setSearching] = useState(false);
  const [asked, setAsked] = useState<LinkedUser>();

  const attempt = async (work: () => Promise<void>) => {
    setFailure('');
    setSearching(true);
    await work().catch((error) => setFailure(sentenceOf(error, plugin, 'LINK_FAILED')));
    setSearching(false);
  };
  const find = async () => setFound(await callAction(app, 'dingtalk:getLinkedUsers', { authenticator, search }));

  const unlinkAsked = ({ id }: LinkedUser) =>
    attempt(async () => {
      await callAction(app, 'dingtalk:unlinkUser', { authenticator: authenticator ?? '', user: id });
      await find();
    });

  return (
    <Collapse
      style={{ marginBottom: 24 }}
      onChange={(open) => open.length && attempt(find)}
      items={[
        {
          key: 'linked-users',
          label: t('Linked users'),
          children: (
            <>
              <Input.Search
                allowClear
                loading={searching}
                value={search}
                aria-label={t('Search by name, e-mail address or phone number')}
                placeholder={t('Search by name, e-mail address or phone number')}
                onChange={(event) => setSearch(event.target.value)}
                onSearch={() => attempt(find)}
                // Else Enter submits the settings form around this field. Not by `onPressEnter`: that would replace the
                // search, which Enter starts.
                onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
              />
              {failure && <Alert type="error" role="alert" message={failure} style={{ marginTop: 8 }} />}
              <List
                dataSource={found?.users}
                rowKey="id"
                locale={{ emptyText: <Typography.Text>{found && t('No linked user found.')}</Typography.Text> }}
                footer={found?.more && t('There are more. Search for the one you mean.')}
                renderItem={(user) => (
                  <List.Item>
                    <NamedRow
                      name={nameOf(user)}
                      action={
                        <Button aria-label={`${t('Unlink')}: ${nameOf(user)}`} onClick={() => setAsked(user)}>
                          {t('Unlink')}
                        </Button>
                      }
                    >
                      <div>{user.linked || t('Linked')}</div>
                    </NamedRow>
                  </List.Item>
                )}
              />
              <UnlinkDialog
                t={t}
                asked={asked}
                title={t('Unlink this user?')}
                onUnlink={unlinkAsked}
                onClose={() => setAsked(undefined)}
              />
            </>
          ),
        },
      ]}
    />
  );
}

const nameOf = ({ id, nickname, username }: LinkedUser) =>
  [nickname, username && `(${username})`].filter(Boolean).join(' ') || String(id);
