import { List, Select, theme, Typography } from 'antd';
import type { ReactNode } from 'react';
import type { Counts, Entry, EntryAction } from '../../shared/directory';
import { NamedRow } from '../NamedRow';
import type { Translate } from '../nocobase';
import { actions, actionWords, isOfDepartments, takesAway } from './words';

interface Props {
  t: Translate;
  entries: Entry[];
  /** The buttons of a line. */
  renderAction?(entry: Entry): ReactNode;
}

/** Lines of a report. */
export function Entries({ t, entries, renderAction }: Props) {
  return (
    <List
      dataSource={entries}
      rowKey={keyOf}
      locale={{ emptyText: <Typography.Text>{t('Nothing to show.')}</Typography.Text> }}
      renderItem={(entry) => (
        <List.Item>
          <NamedRow name={nameOfEntry(t, entry)} action={renderAction?.(entry)}>
            <Facts t={t} entry={entry} />
          </NamedRow>
        </List.Item>
      )}
    />
  );
}

export const keyOf = ({ kind, id, action, reason, department }: Entry) =>
  [kind, id, action, reason, department].join('/');

/** A privileged user is named by the ID alone. */
export const nameOfEntry = (t: Props['t'], { name, userId, id }: Entry) =>
  name || (userId === undefined ? id : `${t('User')} ${userId}`);

function Facts({ t, entry }: { t: Props['t']; entry: Entry }) {
  const { kind, id, action, reason, fields = [], joined = [], left = [], waysIn = [], notes = [] } = entry;
  const lists: [string, string[]][] = [
    [t('Columns:'), fields],
    [t('Into:'), joined],
    [t('Out of:'), left],
    [t('Ways to sign in that remain:'), waysIn.map((way) => (way === 'API_KEYS' ? t('API keys') : way))],
  ];
  return (
    <>
      <div>
        <Action t={t} action={action} />
        {kind === 'department' && !isOfDepartments(action) && ` · ${t('Department')}`} · <bdi>{id}</bdi>
      </div>
      {/* A check of the source names the fields. */}
      {reason && <div>{t(reason, { fields: '…' })}</div>}
      {lists.map(
        ([label, values]) =>
          values.length > 0 && (
            <div key={label}>
              {label} <bdi>{values.join(' · ')}</bdi>
            </div>
          ),
      )}
      {notes.map((note) => (
        <div key={note}>{t(note)}</div>
      ))}
    </>
  );
}

/** In red where something is taken away. */
function Action({ t, action }: { t: Props['t']; action: EntryAction }) {
  return takesAway(action) ? <Red>{actionWords(t)[action]}</Red> : <span>{actionWords(t)[action]}</span>;
}

/** antd's own red is too pale to read. */
export function Red({ children }: { children: ReactNode }) {
  const { token } = theme.useToken();
  return <strong style={{ color: token.red8 }}>{children}</strong>;
}

interface FilterProps {
  t: Props['t'];
  counts: Counts;
  value?: EntryAction;
  onChange(action: EntryAction | undefined): void;
}

/** Which lines are shown: those of one action, or all. */
export function EntryFilter({ t, counts, value, onChange }: FilterProps) {
  const words = actionWords(t);
  const options = actions
    .filter((action) => counts[action] > 0)
    .map((action) => ({ value: action, label: `${words[action]} (${counts[action]})` }));
  return (
    <Select
      allowClear
      aria-label={t('Show only')}
      placeholder={<Typography.Text>{t('Everything')}</Typography.Text>}
      style={{ width: '100%', maxWidth: 240, marginTop: 8 }}
      options={options}
      value={value}
      onChange={onChange}
    />
  );
}

/** How much there is of each action. */
export function Summary({ t, counts }: { t: Props['t']; counts: Counts }) {
  const some = actions.filter((action) => counts[action] > 0);
  return (
    <ul style={{ margin: '8px 0', paddingInlineStart: 20 }}>
      {some.map((action) => (
        <li key={action}>
          <Action t={t} action={action} />: {counts[action]}
        </li>
      ))}
      <li>
        {some.length ? t('Unchanged') : t('Nothing changes. Unchanged')}: {counts.unchanged}
      </li>
    </ul>
  );
}
