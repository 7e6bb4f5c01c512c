import { Alert, Button, Checkbox, Flex, Typography } from 'antd';
import { useCallback, useState } from 'react';
import type { LinkedUser, WaysIn } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { callAction } from '../request';
import { AskDialog } from '../AskDialog';
import { FoundRows, useFound } from './FoundRows';
import { nameOf, NamedRow } from '../NamedRow';

interface Props {
  plugin: ClientPlugin;
  authenticator: string;
}

/** What an administrator is asked before a user is unlinked, with the two boxes. */
interface Unlinking {
  user: LinkedUser;
  endSessions: boolean;
  matchAgain: boolean;
}

/** Linked users, each of whom can be unlinked or blocked. */
export function LinkedList({ plugin, authenticator }: Props) {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);
  const find = useCallback(
    async (search: string) => {
      const { users, more } = await callAction(app, 'dingtalk:getLinkedUsers', { authenticator, search });
      return { rows: users, more };
    },
    [app, authenticator],
  );
  const list = useFound(plugin, find);
  const [unlinking, setUnlinking] = useState<Unlinking>();
  const [blocking, setBlocking] = useState<LinkedUser>();
  const [blocked, setBlocked] = useState<WaysIn & { user: LinkedUser }>();

  const unlink = ({ user, ...boxes }: Unlinking) =>
    list.attempt(async () => {
      await callAction(app, 'dingtalk:unlinkUser', { authenticator, user: user.id, ...boxes });
      await list.findAgain();
    });

  const block = (user: LinkedUser) =>
    list.attempt(async () => {
      setBlocked(undefined);
      const { waysIn } = await callAction(app, 'dingtalk:blockUser', { authenticator, user: user.id });
      setBlocked({ user, waysIn });
      await list.findAgain();
    });

  const box = (key: 'endSessions' | 'matchAgain', label: string, means: string) => (
    <div style={{ marginTop: 12 }}>
      <Checkbox
        checked={unlinking?.[key]}
        onChange={({ target }) => setUnlinking((asked) => asked && { ...asked, [key]: target.checked })}
      >
        {label}
      </Checkbox>
      <div style={{ marginInlineStart: 24 }}>{means}</div>
    </div>
  );

  return (
    <>
      <div aria-live="polite">{blocked && <RemainingWaysIn t={t} {...blocked} />}</div>
      <FoundRows
        t={t}
        list={list}
        none={t('No linked user found.')}
        renderRow={(user) => (
          <NamedRow
            name={nameOf(user)}
            action={
              <Flex wrap gap="small">
                <Button
                  aria-label={`${t('Unlink')}: ${nameOf(user)}`}
                  onClick={() => setUnlinking({ user, endSessions: true, matchAgain: true })}
                >
                  {t('Unlink')}
                </Button>
                <Button aria-label={`${t('Block')}: ${nameOf(user)}`} onClick={() => setBlocking(user)}>
                  {t('Block')}
                </Button>
              </Flex>
            }
          >
            <div>
              <bdi>{user.linked || t('Linked')}</bdi>
            </div>
          </NamedRow>
        )}
      />
      <AskDialog
        danger
        t={t}
        asked={unlinking}
        title={t('Unlink this user?')}
        action={t('Unlink')}
        onAgree={unlink}
        onClose={() => setUnlinking(undefined)}
      >
        <UserAsked user={unlinking?.user} />
        {box(
          'endSessions',
          t('End the user’s sessions'),
          t('The user has to sign in again everywhere. API keys stay.'),
        )}
        {box(
          'matchAgain',
          t('The phone number may match again'),
          t('If this is off, the user signs in another way and links the DingTalk account again.'),
        )}
      </AskDialog>
      <AskDialog
        danger
        t={t}
        asked={blocking}
        title={t('Block this user?')}
        action={t('Block')}
        onAgree={block}
        onClose={() => setBlocking(undefined)}
      >
        <UserAsked user={blocking} />
        <Typography.Paragraph style={{ marginBottom: 0 }}>
          {t(
            'Until you unblock them, neither this user nor this DingTalk account can sign in here with DingTalk. The user’s sessions and API keys end now. A password and other ways to sign in keep working.',
          )}
        </Typography.Paragraph>
      </AskDialog>
    </>
  );
}

/** Whom a dialog is about: the row stands behind it. */
function UserAsked({ user }: { user?: LinkedUser }) {
  return user ? (
    <Typography.Paragraph style={{ overflowWrap: 'anywhere' }}>
      <strong>
        <bdi>{nameOf(user)}</bdi>
      </strong>
      {user.linked && (
        <>
          {' · '}
          <bdi>{user.linked}</bdi>
        </>
      )}
    </Typography.Paragraph>
  ) : null;
}

/** By what a user who was just blocked can still sign in: blocking closes DingTalk alone. */
function RemainingWaysIn({ t, user, waysIn }: WaysIn & { t: (key: string) => string; user: LinkedUser }) {
  const message = (
    <span style={{ overflowWrap: 'anywhere' }}>
      <bdi>{nameOf(user)}</bdi>: {t('Blocked')}.{' '}
      {waysIn.length ? (
        <>
          {t('Ways to sign in that remain:')} <bdi>{waysIn.join(' · ')}</bdi>
        </>
      ) : (
        t('No other way to sign in remains.')
      )}
    </span>
  );
  const description =
    waysIn.length > 0 &&
    t('NocoBase cannot disable a user. To keep this one out altogether, change the password or delete the user.');
  return (
    <Alert
      showIcon
      type={waysIn.length ? 'warning' : 'success'}
      role="status"
      message={message}
      description={description}
      style={{ marginBottom: 12 }}
    />
  );
}
