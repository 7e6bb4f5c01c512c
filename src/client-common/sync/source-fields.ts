import type { ComponentType } from 'react';
import type { Translate } from '../nocobase';
import type { SourceOptions } from '../../shared/directory';
import type { Field } from '../field';
import { BrakeField } from './BrakeField';
import { ColumnsField } from './ColumnsField';
import { DepartmentsField } from './DepartmentsField';
import { EventsField } from './EventsField';
import { ScheduleField } from './ScheduleField';
import { AuthenticatorField, LeaversField, NewUsersField } from './SourceChoices';

export interface SourceField {
  /** Its key in the options of a source. */
  name: keyof SourceOptions;
  label: string;
  /** Each also gets the name of the authenticator that is chosen, and the ID of the source where it is saved. */
  Component: ComponentType<Field<never> & { authenticator?: string; source?: number | string }>;
  required?: true;
}

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
