import type { Translate } from '../nocobase';
import type { SourceOptions } from '../../shared/directory';
import { AuthenticatorField } from '../AuthenticatorField';
import type { FormField } from '../field';
import { BrakeField } from './BrakeField';
import { ColumnsField } from './ColumnsField';
import { DepartmentsField } from './DepartmentsField';
import { EventsField } from './EventsField';
import { ScheduleField } from './ScheduleField';
import { LeaversField, NewUsersField } from './SourceChoices';

/** Each also gets the name of the authenticator that is chosen, and the ID of the source where it is saved. */
export type SourceField = FormField<keyof SourceOptions, { authenticator?: string; source?: number | string }>;

/** The fields of a source's form, in their order; `more` are those that few administrators need. */
export function sourceFields(t: Translate): { fields: SourceField[]; more: SourceField[] } {
  return {
    fields: [
      { name: 'authenticator', label: t('Authenticator'), Component: AuthenticatorField, required: true },
      { name: 'departments', label: t('Departments'), Component: DepartmentsField },
      { name: 'newUsers', label: t('New people'), Component: NewUsersField },
      { name: 'leavers', label: t('People who left'), Component: LeaversField },
      { name: 'fields', label: t('Fields'), Component: ColumnsField },
      { name: 'schedule', label: t('Schedule'), Component: ScheduleField },
      { name: 'events', label: t('Changes in DingTalk'), Component: EventsField },
    ],
    more: [{ name: 'brake', label: t('Brake'), Component: BrakeField }],
  };
}
