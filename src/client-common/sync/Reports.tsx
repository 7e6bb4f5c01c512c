import { Alert, Button, Flex, Pagination, Radio, Select } from 'antd';
import { useEffect, useState } from 'react';
import type { EntryAction, Report, RunSummary } from '../../shared/directory';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { CaseActions } from './CaseActions';
import { saveCsv } from './csv-file';
import { Entries, EntryFilter, Summary } from './Entries';
import { TakenAwayLine } from './Previews';
import { useAttempt } from './use-attempt';
import { kindOf, outcomeWords, type ReportKind, timeOf, triggerWords } from './words';

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

/** The reports of the last runs, or of the last events, the latest first. */
export function Reports({ plugin, source }: Props) {
  const { app } = plugin;
  const t: Translate = (key, values) => plugin.t(key, values);
  const [runs, setRuns] = useState<RunSummary[]>();
  const [kind, setKind] = useState<ReportKind>('runs');
  const [shown, setShown] = useState<Shown>();
  const [report, setReport] = useState<Report>();
  const { failure, attempt } = useAttempt(plugin);

  const show = (next: Shown) => {
    setShown(next);
    return attempt(async () => setReport(await callAction(app, 'dingtalk:getReport', { source, ...next })));
  };
  const choose = async (next: ReportKind, all: RunSummary[] = []) => {
    setKind(next);
    const latest = all.find((run) => kindOf(run) === next);
    if (latest) {
      await show({ run: latest.id, page: 1 });
    }
  };
  useEffect(() => {
    void attempt(async () => {
      const found = await callAction(app, 'dingtalk:getRuns', { source });
      setRuns(found);
      // Events come by the dozen, and would hide the runs among them.
      await choose(found.some((run) => kindOf(run) === 'runs') ? 'runs' : 'events', found);
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each source: `choose` and `attempt` are new each time
  }, [app, source]);

  const save = (run: RunSummary) =>
    attempt(async () => {
      const { csv } = await callAction(app, 'dingtalk:exportReport', { source, run: run.id });
      saveCsv(csv, `dingtalk-${timeOf(run.began).replace(/\D/g, '-')}.csv`);
    });

  const options = runs
    ?.filter((run) => kindOf(run) === kind)
    .map(({ id, began, trigger, outcome }) => ({
      value: id,
      label: [timeOf(began), triggerWords(t)[trigger], outcomeWords(t)[outcome]].join(' · '),
    }));
  const isEmpty = runs?.length === 0;
  const kinds = new Set(runs?.map(kindOf));
  return (
    <>
      {failure}
      {isEmpty && t('There has been no run yet.')}
      {shown && (
        <Flex wrap gap="small">
          {kinds.size > 1 && (
            <div role="radiogroup" aria-label={t('Kind of report')}>
              <Radio.Group
                optionType="button"
                options={[
                  { value: 'runs', label: t('Runs') },
                  { value: 'events', label: t('Events') },
                ]}
                value={kind}
                onChange={({ target }) => choose(target.value, runs)}
              />
            </div>
          )}
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
