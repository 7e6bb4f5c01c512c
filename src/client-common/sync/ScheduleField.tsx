import { AutoComplete, Checkbox, Flex, Input } from 'antd';
import type { Translate } from '../nocobase';
import { useState } from 'react';
import type { Schedule } from '../../shared/directory';
import { type Field, Means } from '../field';

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Not in the browsers of old DingTalk clients; a name can be typed there. */
const zones = (): string[] =>
  (Intl as { supportedValuesOf?(key: 'timeZone'): string[] }).supportedValuesOf?.('timeZone') ?? [ownZone()];

/** Whether the server would take it, which says no more than that some field is wrong. */
function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** When the source runs by itself. Undefined for a time that the server chooses when it is saved; null for never. */
export function ScheduleField({ plugin, id, value, onChange }: Field<Schedule | null | undefined>) {
  const t: Translate = (key, values) => plugin.t(key, values);
  // What was there comes back when the box is ticked again.
  const [last, setLast] = useState(value ?? undefined);
  const change = (part: Partial<Schedule>) => {
    const next = { ...value, time: value?.time ?? '02:30', zone: value?.zone ?? ownZone(), ...part };
    setLast(next);
    onChange?.(next);
  };
  return (
    <>
      <Flex wrap gap="small" align="center">
        <Checkbox
          id={id}
          checked={value !== null}
          onChange={({ target }) => onChange?.(target.checked ? last : null)}
          style={{ flex: '1 1 140px' }}
        >
          {t('Every day')}
        </Checkbox>
        {value !== null && (
          <>
            <Input
              type="time"
              aria-label={t('Time')}
              style={{ flex: '1 1 100px' }}
              value={value?.time ?? ''}
              onChange={({ target }) => target.value && change({ time: target.value.slice(0, 5) })}
            />
            <AutoComplete
              aria-label={t('Time zone')}
              style={{ flex: '2 1 160px' }}
              options={zones().map((zone) => ({ value: zone }))}
              filterOption={(typed, option) => String(option?.value).toLowerCase().includes(typed.toLowerCase())}
              placeholder={t('Time zone')}
              status={value && !isZone(value.zone) ? 'error' : undefined}
              // The server chooses the zone together with the time.
              value={value?.zone}
              onChange={(zone: string) => change({ zone: (zone ?? '').trim() })}
            />
          </>
        )}
      </Flex>
      <Means>
        {value === undefined
          ? t('Without a time, a minute between 02:10 and 04:50 is chosen when the source is saved.')
          : t('A run that was missed is caught up. One that failed is tried again after 10, 30 and 60 minutes.')}
      </Means>
    </>
  );
}
