import { List, Typography } from 'antd';
import type { Translate } from '../nocobase';
import type { Unmatched } from '../../shared/directory';
import { NamedRow } from '../NamedRow';

interface Props {
  t: Translate;
  rows: Unmatched['list'];
}

/** Users by their names; privileged ones by their IDs alone. */
export const UserRows = ({ t, rows }: Props) => (
  <List
    dataSource={rows}
    rowKey="id"
    locale={{ emptyText: <Typography.Text>{t('Nothing to show.')}</Typography.Text> }}
    renderItem={({ id, name }) => (
      <List.Item>
        <NamedRow name={name || `${t('User')} ${id}`}>
          <div>ID {id}</div>
        </NamedRow>
      </List.Item>
    )}
  />
);
