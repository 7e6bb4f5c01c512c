import { useEffect, useState } from 'react';
import type { RoleChoice } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { callAction, sentenceOf } from '../request';

/** The roles of NocoBase: none until they are read, and none beside a failure. */
export function useRoles(plugin: ClientPlugin) {
  const [roles, setRoles] = useState<RoleChoice[]>([]);
  const [failure, setFailure] = useState('');

  useEffect(() => {
    callAction(plugin.app, 'dingtalk:getRoles', {}).then(setRoles, (error) =>
      setFailure(sentenceOf(error, plugin, 'CHECK_FAILED')),
    );
  }, [plugin]);

  // Privileged ones cannot be chosen: nobody signs up with one, and they are protected anyway.
  const options = roles
    .filter(({ isPrivileged }) => !isPrivileged)
    .map(({ name, title }) => ({ value: name, label: title }));
  return { roles, options, failure };
}
