import { Collapse, Tabs } from 'antd';
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
  const tabs = [
    { key: 'linked', label: t('Linked'), children: <LinkedList plugin={plugin} authenticator={authenticator} /> },
    {
      key: 'blocked',
      label: t('Blocked'),
      children: <ExcludedList plugin={plugin} authenticator={authenticator} list="blocked" />,
    },
    {
      key: 'notMatchedAgain',
      label: t('Not matched again'),
      children: <ExcludedList plugin={plugin} authenticator={authenticator} list="notMatchedAgain" />,
    },
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
