import { useEffect, useState } from 'react';
import type { Actions } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { callAction } from '../request';

interface Props {
  plugin: ClientPlugin;
  /** Name of the authenticator. No source uses one that is not saved yet. */
  authenticator?: string;
}

/** How many of the directory can sign in already; nothing where no source uses the authenticator. */
export function DirectoryCount({ plugin, authenticator }: Props) {
  const [counted, setCounted] = useState<Actions['countMembers']['answer']>(null);
  useEffect(() => {
    if (authenticator) {
      // Where the plugin for synchronization is off, there is no such action.
      callAction(plugin.app, 'dingtalk:countMembers', { authenticator }).then(setCounted, () => setCounted(null));
    }
  }, [plugin, authenticator]);
  return counted ? (
    <div role="note" style={{ marginBottom: 24 }}>
      {plugin.t('Directory: {{bound}} people are linked, {{open}} cases are open.', counted)}
    </div>
  ) : null;
}
