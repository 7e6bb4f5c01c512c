import { Alert, Button, Flex, Pagination, Select } from 'antd';
import { useEffect, useState } from 'react';
import type { EntryAction, Report, RunSummary } from '../../shared/directory';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { CaseActions } from './CaseActions';
import { saveCsv } from './csv-file';
import { Entries, EntryFilter, Summary } from './Entries';
import { TakenAwayLine } from './Previews';
import { useAttempt } from './use-attempt';
import { outcomeWords, timeOf, triggerWords } from './words';

const PAGE = 50;

interface Props {
  plugin: ClientPlugin;
  source: number | string;
}

/** What stands in a report is chosen by: its run, one action or all, and the page. */
interface Shown {
  run: string;
  action?: EntryAction;
  page: number;
}

/** The reports of the last runs, the latest first. */
export function Reports({ plugin, source }: Props) {
  const { app } = plugin;
  const t: Translate = (key, values) => plugin.t(key, values);
  const [runs, setRuns] = useState<RunSummary[]>();
  const [shown, setShown] = useState<Shown>();
  const [report, setReport] = useState<Report>();
  const { failure, attempt } = useAttempt(plugin);

  const show = (next: Shown) => {
    setShown(next);
    return attempt(async () => setReport(await callAction(app, 'dingtalk:getReport', { source, ...next })));
  };
  useEffect(() => {
    void attempt(async () => {
      const found = await callAction(app, 'dingtalk:getRuns', { source });
      setRuns(found);
      if (found.length) {
        await show({ run: found[0].id, page: 1 });
      }
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each source: `show` and `attempt` are new each time
  }, [app, source]);

  const save = (run: RunSummary) =>
    attempt(async () => {
      const { csv } = await callAction(app, 'dingtalk:exportReport', { source, run: run.id });
      saveCsv(csv, `dingtalk-${timeOf(run.began).replace(/\D/g, '-')}.csv`);
    });

  const options = runs?.map(({ id, began, trigger, outcome }) => ({
    value: id,
    label: [timeOf(began), triggerWords(t)[trigger], outcomeWords(t)[outcome]].join(' · '),
  }));
  const isEmpty = runs?.length === 0;
  return (
    <>
      {failure}
      {isEmpty && t('There has been no run yet.')}
      {shown && (
        <Flex wrap gap="small">
          <Select
            aria-label={t('Report')}
            style={{ flex: '1 1 240px' }}
            options={options}
            value={shown.run}
            onChange={(run: string) => show({ run, page: 1 })}
          />
          {report && <Button onClick={() => save(report)}>{t('Download CSV')}</Button>}
        </Flex>
      )}
      {report && shown && (
        <section aria-label={t('Report')}>
          {report.message && <Alert type="error" message={report.message} style={{ marginTop: 8 }} />}
          {report.by !== undefined && (
            <div style={{ marginTop: 8 }}>
              {t('Begun by user')} {report.by}
            </div>
          )}
          <Summary t={t} counts={report.counts} />
          <TakenAwayLine plugin={plugin} takenAway={report.takenAway} />
          <EntryFilter
            t={t}
            counts={report.counts}
            value={shown.action}
            onChange={(action) => show({ run: shown.run, action, page: 1 })}
          />
          <CaseActions plugin={plugin} source={source}>
            {(renderAction) => <Entries t={t} entries={report.entries} renderAction={renderAction} />}
          </CaseActions>
          <Pagination
            hideOnSinglePage
            size="small"
            showSizeChanger={false}
            pageSize={PAGE}
            total={report.total}
            current={shown.page}
            onChange={(page) => show({ ...shown, page })}
          />
        </section>
      )}
    </>
  );
}
