import type { Leavers, NewUsers } from '../../shared/directory';
import { Choices, type Field } from '../field';
import type { Translate } from '../nocobase';

/** What becomes of people who are no user yet. Without a value, what the server takes. */
export function NewUsersField({ plugin, id, value, onChange }: Field<NewUsers>) {
  const t: Translate = (key, values) => plugin.t(key, values);
  return (
    <Choices
      id={id}
      label={t('New people')}
      value={value ?? 'create'}
      onChange={onChange}
      choices={[
        [
          'create',
          t('Create users'),
          t(
            'With NocoBase’s default role, without a user name or a password. Nobody is created while that role is privileged.',
          ),
        ],
        ['link', t('Leave alone'), t('Only existing users are linked.')],
      ]}
    />
  );
}

/** What becomes of the users of people who left. Without a value, what the server takes. */
export function LeaversField({ plugin, id, value, onChange }: Field<Leavers>) {
  const t: Translate = (key, values) => plugin.t(key, values);
  return (
    <Choices
      id={id}
      label={t('People who left')}
      value={value ?? 'detach'}
      onChange={onChange}
      choices={[
        [
          'detach',
          t('Take out'),
          t(
            'Departments of this source, the link to the DingTalk account, sessions and API keys go. The user stays, and may still sign in with a password.',
          ),
        ],
        ['keep', t('Keep'), t('Nothing goes. Sign-in with DingTalk is refused, and the report names them.')],
        [
          'delete',
          t('Delete'),
          t(
            'As “Take out”, and the user is deleted after 30 days. Privileged users, and users on whom other records depend, are never deleted.',
          ),
        ],
      ]}
    />
  );
}
