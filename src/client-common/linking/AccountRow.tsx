import { Button, List } from 'antd';
import { useId } from 'react';
import type { Link } from '../../shared/contract';
import { Day } from '../Day';
import { NamedRow } from '../NamedRow';
import { AccountPicture } from './AccountPicture';

interface Props {
  t: (key: string) => string;
  link: Link;
  leaving: boolean;
  onLink(link: Link): void;
  onUnlink(link: Link): void;
}

/** One DingTalk authenticator, the account that is linked, and the button that links or unlinks it. */
export function AccountRow({ t, link, leaving, onLink, onUnlink }: Props) {
  const { title, linked, canUnlink } = link;
  const name = title || t('DingTalk');
  const reason = useId();
  const isLastWayIn = linked && !canUnlink;
  const action = linked ? (
    <Button
      disabled={!canUnlink}
      aria-label={`${t('Unlink')}: ${name}`}
      aria-describedby={isLastWayIn ? reason : undefined}
      onClick={() => onUnlink(link)}
    >
      {t('Unlink')}
    </Button>
  ) : (
    <Button loading={leaving} aria-label={`${t('Link')}: ${name}`} onClick={() => onLink(link)}>
      {t('Link')}
    </Button>
  );
  return (
    <List.Item>
      <AccountPicture address={linked?.avatar} />
      <NamedRow name={name} action={action} style={{ marginInlineStart: 16 }}>
        <div>{linked ? <bdi>{linked.nickname || t('Linked')}</bdi> : t('Not linked')}</div>
        {linked?.since !== undefined && (
          <div>
            {t('Linked since:')} <Day at={linked.since} />
          </div>
        )}
        {linked?.lastSignIn !== undefined && (
          <div>
            {t('Last sign-in:')} <Day at={linked.lastSignIn} />
          </div>
        )}
        {isLastWayIn && <div id={reason}>{t('This is your only way to sign in.')}</div>}
      </NamedRow>
    </List.Item>
  );
}
