import { Button } from 'antd';
import { useCallback, useState } from 'react';
import type { Exclusion, ExclusionList, ExclusionReason } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { callAction } from '../request';
import { AskDialog } from '../AskDialog';
import { Day } from '../Day';
import { FoundRows, useFound } from './FoundRows';
import { nameOf, NamedRow } from '../NamedRow';

interface Props {
  plugin: ClientPlugin;
  authenticator: string;
  list: ExclusionList;
}

/** Accounts and users that are blocked, or that are not matched by phone again, each of which can be taken back. */
export function ExcludedList({ plugin, authenticator, list: kind }: Props) {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);
  const find = useCallback(
    async (search: string) => {
      const { exclusions, more } = await callAction(app, 'dingtalk:getBlocked', { authenticator, list: kind, search });
      return { rows: exclusions, more };
    },
    [app, authenticator, kind],
  );
  const list = useFound(plugin, find);
  const [asked, setAsked] = useState<Exclusion>();
  const texts =
    kind === 'blocked'
      ? {
          action: t('Unblock'),
          title: t('Unblock this user?'),
          means: t('The user can then sign in with DingTalk again, by the rules for all users.'),
        }
      : {
          action: t('Allow again'),
          title: t('Allow this match again?'),
          means: t('The next sign-in with this DingTalk account may then match by phone number again.'),
        };
  const reasons: Record<ExclusionReason, string> = {
    blocked: t('Blocked'),
    unlinked: t('Unlinked'),
    detached: t('Left the organization in DingTalk'),
  };

  const takeBack = ({ id }: Exclusion) =>
    list.attempt(async () => {
      await callAction(app, 'dingtalk:unblock', { authenticator, id });
      await list.findAgain();
    });

  const nameOfRow = ({ user, account }: Exclusion) => (user ? nameOf(user) : account || t('DingTalk account'));

  return (
    <>
      <FoundRows
        t={t}
        list={list}
        none={t('No user or account found.')}
        renderRow={(row) => (
          <NamedRow
            name={nameOfRow(row)}
            action={
              <Button aria-label={`${texts.action}: ${nameOfRow(row)}`} onClick={() => setAsked(row)}>
                {texts.action}
              </Button>
            }
          >
            <div>{row.user ? <bdi>{row.account}</bdi> : t('No user, or a deleted one')}</div>
            <div>
              {reasons[row.reason]} · <Day at={row.since} />
            </div>
          </NamedRow>
        )}
      />
      <AskDialog
        t={t}
        asked={asked}
        title={texts.title}
        action={texts.action}
        onAgree={takeBack}
        onClose={() => setAsked(undefined)}
      >
        <p style={{ marginTop: 0, overflowWrap: 'anywhere' }}>
          <strong>
            <bdi>{asked && nameOfRow(asked)}</bdi>
          </strong>
        </p>
        {texts.means}
      </AskDialog>
    </>
  );
}
