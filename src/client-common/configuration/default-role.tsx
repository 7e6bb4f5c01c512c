import { Select } from 'antd';
import { type Field, FieldFailure, Means } from '../field';
import { useRoles } from './use-roles';

/** The role of new users; empty for NocoBase's default role. */
export function DefaultRoleField({ plugin, id, value, onChange }: Field<string | null>) {
  const t = (key: string) => plugin.t(key);
  const { roles, options, failure } = useRoles(plugin);
  const isUnused = Boolean(value) && roles.length > 0 && !options.some((option) => option.value === value);
  return (
    <>
      <Select
        allowClear
        showSearch
        id={id}
        aria-label={t('Role of new users')}
        placeholder={t('NocoBase’s default role')}
        options={options}
        optionFilterProp="label"
        style={{ width: '100%' }}
        value={value || undefined}
        // Not undefined, which would leave the saved one.
        onChange={(chosen?: string) => onChange?.(chosen ?? null)}
      />
      <Means>
        {t(
          'Of users who sign up with DingTalk, and of those whom a directory creates. Privileged and protected roles cannot be chosen.',
        )}
      </Means>
      <FieldFailure sentence={failure || (isUnused ? t('DEFAULT_ROLE_UNUSED') : '')} />
    </>
  );
}
