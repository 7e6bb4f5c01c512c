import { Collapse } from 'antd';
import type { ReactNode } from 'react';
import type { ClientPlugin } from './nocobase';

/** What few administrators need. It is closed at first, but mounted: NocoBase drops options without a mounted field. */
export function MoreSettings({ plugin, children }: { plugin: ClientPlugin; children?: ReactNode }) {
  const label = plugin.t('More settings');
  return (
    <Collapse style={{ marginBottom: 24 }} items={[{ key: 'more-settings', label, forceRender: true, children }]} />
  );
}
