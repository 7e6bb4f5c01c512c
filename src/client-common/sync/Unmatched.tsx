import { Button, Flex } from 'antd';
import { useEffect, useState } from 'react';
import { caseCodes } from '../../shared/codes';
import type { Entry, Unmatched as Found } from '../../shared/directory';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { CaseActions } from './CaseActions';
import { Entries } from './Entries';
import { UserRows } from './UserRows';
import { useAttempt } from './use-attempt';

interface Props {
  plugin: ClientPlugin;
  source: number | string;
  side: 'users' | 'members';
}

/** Users whom nobody in DingTalk is linked to, or people in DingTalk who are no user. */
export function Unmatched({ plugin, source, side }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [page, setPage] = useState(1);
  const [found, setFound] = useState<Found>();
  const { failure, attempt } = useAttempt(plugin);

  useEffect(() => {
    void attempt(async () => setFound(await callAction(plugin.app, 'dingtalk:getUnmatched', { source, side, page })));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `attempt` is a new function each time
  }, [plugin, source, side, page]);

  const rows = found?.list ?? [];
  return (
    <>
      {failure}
      {found &&
        (side === 'users' ? (
          <UserRows t={t} rows={rows} />
        ) : (
          <CaseActions plugin={plugin} source={source}>
            {(renderAction) => <Entries t={t} entries={rows.map(toEntry)} renderAction={renderAction} />}
          </CaseActions>
        ))}
      {(page > 1 || found?.more) && (
        <Flex gap="small">
          <Button disabled={page === 1} onClick={() => setPage(page - 1)}>
            {t('Previous')}
          </Button>
          <Button disabled={!found?.more} onClick={() => setPage(page + 1)}>
            {t('Next')}
          </Button>
        </Flex>
      )}
    </>
  );
}

/** As a report would have it: the same buttons settle it. */
const toEntry = ({ id, name, reason }: Found['list'][number]): Entry => ({
  kind: 'member',
  id,
  name,
  action: reason && caseCodes[reason] === 'open' ? 'open' : 'skipped',
  ...(reason && { reason }),
});
