import { AutoComplete, Checkbox, Flex, Select, Typography } from 'antd';
import type { Translate } from '../nocobase';
import { useEffect, useState } from 'react';
import { FIELD_NAMES } from '../../shared/constants';
import type { FieldName, FieldRule, Follow, SourceOptions } from '../../shared/directory';
import { type Field, Means } from '../field';
import { type ColumnMeta, listRecords } from '../nocobase-records';
import { fieldWords } from './words';

type Rules = NonNullable<SourceOptions['fields']>;

/** Fields that go to one column alone. */
const FIXED: Partial<Record<FieldName, string>> = { nickname: 'nickname', phone: 'phone', email: 'email' };

/** What the server takes where nothing was chosen. */
const DEFAULT: Rules = {
  nickname: { column: 'nickname', follow: 'ours' },
  phone: { column: 'phone', follow: 'ours', newUsersOnly: true },
};

/** Columns of NocoBase itself, which are no choice. */
const OF_NOCOBASE = ['nickname', 'username', 'email', 'phone', 'password', 'appLang', 'resetToken'];

/** Which of DingTalk's values go to which column of `users`, and when. */
export function ColumnsField({ plugin, value, onChange }: Field<Rules>) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [columns, setColumns] = useState<ColumnMeta[]>([]);
  const rules = value ?? DEFAULT;

  useEffect(() => {
    listRecords(plugin.app, 'collections:listMeta').then(
      (collections) => setColumns(collections.find(({ name }) => name === 'users')?.fields.filter(isFree) ?? []),
      // A name can be typed all the same.
      () => undefined,
    );
  }, [plugin]);

  const change = (name: FieldName, rule: FieldRule | undefined) => {
    // JSON leaves out what is undefined: such a field is not written.
    onChange?.({ ...rules, [name]: rule });
  };
  const words = fieldWords(t);
  return (
    <>
      <div role="group" aria-label={t('Fields')}>
        {FIELD_NAMES.map((name) => (
          <Row
            key={name}
            t={t}
            name={name}
            label={words[name]}
            columns={columns}
            rule={rules[name]}
            onChange={(rule) => change(name, rule)}
          />
        ))}
      </div>
      <Means>
        {t(
          '“Follow DingTalk unless changed here”: written where the column is empty or still has what the source wrote last. “Always follow DingTalk”: DingTalk’s value replaces what was changed here. “Once”: written where the column is empty, and never again. What DingTalk does not tell never empties a column.',
        )}
      </Means>
    </>
  );
}

const isFree = ({ name, type, unique, hidden, primaryKey, isForeignKey, interface: kind }: ColumnMeta) =>
  ['string', 'text'].includes(type) &&
  ['input', 'textarea'].includes(kind ?? '') &&
  !OF_NOCOBASE.includes(name) &&
  !unique &&
  !hidden &&
  !primaryKey &&
  !isForeignKey;

interface RowProps {
  t: Translate;
  name: FieldName;
  label: string;
  columns: ColumnMeta[];
  rule?: FieldRule;
  onChange(rule: FieldRule | undefined): void;
}

function Row({ t, name, label, columns, rule, onChange }: RowProps) {
  const fixed = FIXED[name];
  const follows: [Follow, string][] = [
    ['ours', t('Follow DingTalk unless changed here')],
    ['always', t('Always follow DingTalk')],
    ['once', t('Once')],
  ];
  const write = (checked: boolean) => {
    const newUsersOnly = name === 'phone' ? { newUsersOnly: true } : {};
    onChange(checked ? { column: fixed ?? '', follow: 'ours', ...newUsersOnly } : undefined);
  };
  return (
    <div style={{ marginBottom: 8 }}>
      <Flex wrap gap="small" align="center">
        <Checkbox checked={!!rule} onChange={({ target }) => write(target.checked)} style={{ flex: '1 1 130px' }}>
          {label}
        </Checkbox>
        {rule && !fixed && (
          <AutoComplete
            aria-label={`${t('Column')}: ${label}`}
            placeholder={t('Column of users')}
            status={rule.column ? undefined : 'error'}
            style={{ flex: '1 1 110px' }}
            options={columns.map((column) => ({ value: column.name, label: titleOf(column) }))}
            filterOption={(typed, option) =>
              `${option?.value} ${option?.label}`.toLowerCase().includes(typed.toLowerCase())
            }
            value={rule.column}
            onChange={(column: string) => onChange({ ...rule, column: (column ?? '').trim() })}
          />
        )}
        {rule && fixed && (
          <Typography.Text code style={{ flex: '1 1 110px' }}>
            {fixed}
          </Typography.Text>
        )}
        {rule && (
          <Select
            aria-label={`${t('When it is written')}: ${label}`}
            // As wide as the longest of its texts: else each row would have other columns, by what is chosen in it.
            style={{ flex: '3 1 320px' }}
            options={follows.map(([follow, text]) => ({ value: follow, label: text }))}
            value={rule.follow}
            onChange={(follow) => onChange({ ...rule, follow })}
          />
        )}
      </Flex>
      {name === 'phone' && rule && (
        <Checkbox
          style={{ marginInlineStart: 24 }}
          checked={rule.newUsersOnly === true}
          onChange={({ target }) => onChange({ ...rule, newUsersOnly: target.checked })}
        >
          {t('Only of users whom this source creates')}
        </Checkbox>
      )}
    </div>
  );
}

/** Titles of NocoBase's own are templates. */
const titleOf = ({ name, uiSchema }: ColumnMeta) => {
  const title = uiSchema?.title?.replace(/^\{\{\s*t\(["']([^"']*)["'].*\}\}$/, '$1');
  return title && title !== name ? `${title} (${name})` : name;
};
