import { Collapse, Tabs, Typography } from 'antd';
import type { ReactNode } from 'react';
import type { ClientPlugin } from '../nocobase';
import { ExcludedList } from './ExcludedList';
import { LinkedList } from './LinkedList';

interface Props {
  plugin: ClientPlugin;
  /** Name of the authenticator. One that is not saved yet has no linked users. */
  authenticator?: string;
}

/** Where an administrator finds users who are linked, blocked, or not matched again, and changes that. */
export function LinkedUsers({ plugin, authenticator = '' }: Props) {
  const t = (key: string) => plugin.t(key);
  // In the color that NocoBase's theme gives the tab that is open, its name is too pale to read.
  const tab = (key: string, label: string, children: ReactNode) => ({
    key,
    label: <Typography.Text>{label}</Typography.Text>,
    children,
  });
  const props = { plugin, authenticator };
  const tabs = [
    tab('linked', t('Linked'), <LinkedList {...props} />),
    tab('blocked', t('Blocked'), <ExcludedList {...props} list="blocked" />),
    tab('notMatchedAgain', t('Not matched again'), <ExcludedList {...props} list="notMatchedAgain" />),
  ];
  return (
    <Collapse
      // What is opened again is read again: each list changes what stands in the others.
      destroyInactivePanel
      style={{ marginBottom: 24 }}
      items={[
        {
          key: 'linked-users',
          label: t('Linked users'),
          children: <Tabs destroyInactiveTabPane items={tabs} />,
        },
      ]}
    />
  );
}
