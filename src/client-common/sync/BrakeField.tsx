import { Flex, InputNumber } from 'antd';
import type { Translate } from '../nocobase';
import { useId } from 'react';
import type { BrakeLimits, SourceOptions } from '../../shared/directory';
import { type Field, Means } from '../field';

/** What the server takes where nothing was entered, and the range that it takes. */
const LIMITS: Record<keyof BrakeLimits, [usual: number, min: number, max: number]> = {
  free: [5, 0, 50],
  percent: [10, 1, 50],
  most: [100, 1, 1000],
};

/** When a run stops before it takes too much away. It can be changed, not switched off. */
export function BrakeField({ plugin, value, onChange }: Field<NonNullable<SourceOptions['brake']>>) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const labels: [keyof BrakeLimits, string][] = [
    ['free', t('Always allowed')],
    ['percent', t('Then at most this share, in %')],
    ['most', t('Never more than')],
  ];
  const prefix = useId();
  const change = (key: keyof BrakeLimits, entered: number | null) => {
    // JSON leaves out what is undefined: the server then takes the usual number.
    onChange?.({ ...value, [key]: entered ?? undefined });
  };
  return (
    <>
      <Flex wrap gap="small" role="group" aria-label={t('Brake')}>
        {labels.map(([key, label]) => {
          const [usual, min, max] = LIMITS[key];
          return (
            <div key={key} style={{ flex: '1 1 120px' }}>
              <label htmlFor={`${prefix}${key}`}>{label}</label>
              <InputNumber
                id={`${prefix}${key}`}
                min={min}
                max={max}
                precision={0}
                placeholder={String(usual)}
                style={{ width: '100%' }}
                value={value?.[key]}
                onChange={(entered) => change(key, entered)}
              />
            </div>
          );
        })}
      </Flex>
      <Means>
        {t(
          'A run that takes away more people, departments or memberships than this within 24 hours stops before its first write, and asks here.',
        )}
      </Means>
    </>
  );
}
