import { Alert, Input, List, Typography } from 'antd';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { failureOf, sentenceForAdministrators } from '../failure';
import type { ClientPlugin } from '../nocobase';

export interface Found<Row> {
  rows: Row[];
  /** Whether there are more than these. */
  more: boolean;
}

/**
 * What the server found, and what is done with it: each attempt tells its failure in place of the one before.
 *
 * @param find the same function in each render, else the list would be read again and again
 */
export function useFound<Row>(plugin: ClientPlugin, find: (search: string) => Promise<Found<Row>>) {
  const [search, setSearch] = useState('');
  const [found, setFound] = useState<Found<Row>>();
  const [failure, setFailure] = useState('');
  const [searching, setSearching] = useState(true);

  const fail = useCallback(
    (error: unknown) => setFailure(sentenceForAdministrators(failureOf(error, plugin, 'LINK_FAILED'), plugin)),
    [plugin],
  );
  const attempt = async (work: () => Promise<void>) => {
    setFailure('');
    setSearching(true);
    await work().catch(fail);
    setSearching(false);
  };
  const findAgain = async () => setFound(await find(search));

  useEffect(() => {
    find('')
      .then(setFound, fail)
      .finally(() => setSearching(false));
  }, [find, fail]);

  return { search, setSearch, found, failure, searching, attempt, findAgain };
}

interface Props<Row> {
  t: (key: string) => string;
  list: ReturnType<typeof useFound<Row>>;
  /** What is said where nothing is found. */
  none: string;
  renderRow(row: Row): ReactNode;
}

/** A field to search, and what was found. */
export function FoundRows<Row extends { id: number | string }>({ t, list, none, renderRow }: Props<Row>) {
  const { search, setSearch, found, failure, searching, attempt, findAgain } = list;
  const label = t('Search by name, e-mail address or phone number');
  return (
    <>
      <Input.Search
        allowClear
        loading={searching}
        value={search}
        aria-label={label}
        placeholder={label}
        onChange={(event) => setSearch(event.target.value)}
        onSearch={() => attempt(findAgain)}
        // Else Enter submits the settings form around this field. Not by `onPressEnter`: that would replace the search,
        // which Enter starts.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
      {failure && <Alert type="error" role="alert" message={failure} style={{ marginTop: 8 }} />}
      <List
        dataSource={found?.rows}
        rowKey="id"
        locale={{ emptyText: <Typography.Text>{found && none}</Typography.Text> }}
        footer={found?.more && t('There are more. Search for the one you mean.')}
        renderItem={(row) => <List.Item>{renderRow(row)}</List.Item>}
      />
    </>
  );
}
