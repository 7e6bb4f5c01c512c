import { Alert, Radio, Space } from 'antd';
import type { ReactNode } from 'react';
import type { ClientPlugin } from './nocobase';

/** What the forms of both clients hand to a field. */
export interface Field<Value> {
  plugin: ClientPlugin;
  id?: string;
  value?: Value | null;
  onChange?(value: Value): void;
}

interface Props<Value> {
  id?: string;
  /** In v1, NocoBase's label does not belong to a field. */
  label: string;
  value: Value;
  onChange?(value: Value): void;
  /** Each with its name, and what it means. */
  choices: [Value, string, string][];
}

/** One of a few, each with a sentence. */
export function Choices<Value extends string>({ id, label, value, onChange, choices }: Props<Value>) {
  return (
    <div role="radiogroup" aria-label={label}>
      <Radio.Group id={id} value={value} onChange={({ target }) => onChange?.(target.value)}>
        <Space direction="vertical">
          {choices.map(([choice, name, sentence]) => (
            <Radio key={choice} value={choice}>
              {name}
              <div style={{ fontWeight: 'normal' }}>{sentence}</div>
            </Radio>
          ))}
        </Space>
      </Radio.Group>
    </div>
  );
}

/** What a field means, below it. */
export function Means({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <div id={id} style={{ marginTop: 4 }}>
      {children}
    </div>
  );
}

/** Why what a field needs could not be read; nothing where it could. */
export const FieldFailure = ({ sentence }: { sentence?: string }) =>
  sentence ? <Alert type="error" role="alert" message={sentence} style={{ marginTop: 8 }} /> : null;
