import { Checkbox, Input, Radio, Space, Typography } from 'antd';
import { useEffect, useState } from 'react';
import { AskDialog } from '../AskDialog';
import { nameOf } from '../NamedRow';
import type { ClientPlugin, Translate } from '../nocobase';
import { listRecords } from '../nocobase-records';
import { useAttempt } from './use-attempt';

const MOST = 20;

type User = Awaited<ReturnType<typeof listRecords<'users:list'>>>[number];

interface Props {
  plugin: ClientPlugin;
  /** Whom the user will be linked with. */
  name: string;
  /** Whether somebody took a link away before, so that an administrator has to say that it may come back. */
  mayNeedAllowing: boolean;
  onLink(user: User['id'], allow: boolean): Promise<void>;
  onClose(): void;
}

/** Lets an administrator choose the user whom a member of the directory is. */
export function LinkUserDialog({ plugin, name, mayNeedAllowing, onLink, onClose }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [search, setSearch] = useState('');
  const [users, setUsers] = useState<User[]>();
  const [user, setUser] = useState<User['id']>();
  const [allow, setAllow] = useState(false);
  const { failure, attempt } = useAttempt(plugin);

  const find = (text: string) =>
    attempt(async () => {
      setUser(undefined);
      const containing = ['nickname', 'username', 'email', 'phone'].map((column) => ({
        [column]: { $includes: text.trim() },
      }));
      setUsers(
        await listRecords(plugin.app, 'users:list', {
          ...(text.trim() && { filter: { $or: containing } }),
          fields: 'id,nickname,username',
          pageSize: MOST,
        }),
      );
    });
  useEffect(() => {
    void find('');
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the dialog opens
  }, []);

  const label = t('Search by name, e-mail address or phone number');
  return (
    <AskDialog
      t={t}
      asked={{ user }}
      disabled={user === undefined}
      title={t('Link to which user?')}
      action={t('Link')}
      onAgree={async (asked) => {
        if (asked.user !== undefined) {
          await onLink(asked.user, allow);
        }
      }}
      onClose={onClose}
    >
      <Typography.Paragraph style={{ overflowWrap: 'anywhere' }}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <br />
        {t(
          'This DingTalk account can then sign in as the user whom you choose. The user is told. A privileged user cannot be chosen.',
        )}
      </Typography.Paragraph>
      <Input.Search
        allowClear
        aria-label={label}
        placeholder={label}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
        onSearch={find}
      />
      {failure}
      <div role="radiogroup" aria-label={t('User')} style={{ margin: '12px 0' }}>
        <Radio.Group value={user} onChange={({ target }) => setUser(target.value)}>
          <Space direction="vertical">
            {users?.map((one) => (
              <Radio key={one.id} value={one.id}>
                <bdi style={{ overflowWrap: 'anywhere' }}>{nameOf(one)}</bdi>
              </Radio>
            ))}
          </Space>
        </Radio.Group>
        {users?.length === 0 && <div>{t('No user found.')}</div>}
        {users?.length === MOST && <div>{t('There are more. Search for the one you mean.')}</div>}
      </div>
      {mayNeedAllowing && (
        <Checkbox checked={allow} onChange={({ target }) => setAllow(target.checked)}>
          {t('Allow this although it was unlinked or deleted before')}
        </Checkbox>
      )}
    </AskDialog>
  );
}
