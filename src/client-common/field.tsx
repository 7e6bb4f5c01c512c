import { Alert, Radio, Space, theme } from 'antd';
import { type ComponentType, type ReactNode, useId } from 'react';
import type { ClientPlugin } from './nocobase';

/** What the forms of both clients hand to a field. */
export interface Field<Value> {
  plugin: ClientPlugin;
  id?: string;
  value?: Value | null;
  onChange?(value: Value): void;
}

/** A field of a form that both clients have. */
export interface FormField<Name extends string, More = object> {
  /** Its key among the options. */
  name: Name;
  label: string;
  Component: ComponentType<Field<never> & More>;
  required?: true;
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
  const { token } = theme.useToken();
  const prefix = useId();
  return (
    <div role="radiogroup" aria-label={label}>
      <Radio.Group id={id} value={value} onChange={({ target }) => onChange?.(target.value)}>
        <Space direction="vertical">
          {choices.map(([choice, name, sentence]) => (
            <div key={choice}>
              <Radio id={prefix + choice} value={choice}>
                {name}
              </Radio>
              {/* A label of its own: antd centers the dot on everything that stands inside of the radio. */}
              <label
                htmlFor={prefix + choice}
                style={{
                  display: 'block',
                  paddingInlineStart: token.fontSizeLG + token.paddingXS,
                  // antd gives a group none.
                  fontSize: token.fontSize,
                  fontWeight: 'normal',
                  cursor: 'pointer',
                }}
              >
                {sentence}
              </label>
            </div>
          ))}
        </Space>
      </Radio.Group>
    </div>
  );
}

/** What a field means, below it. */
export function Means({ id, children }: { id?: string; children: ReactNode }) {
  const { token } = theme.useToken();
  return (
    // Its own color: what stands in `extra` of antd's items is too pale to read.
    <div id={id} style={{ marginTop: 4, color: token.colorText }}>
      {children}
    </div>
  );
}

/** Why what a field needs could not be read; nothing where it could. */
export const FieldFailure = ({ sentence }: { sentence?: string }) =>
  sentence ? <Alert type="error" role="alert" message={sentence} style={{ marginTop: 8 }} /> : null;
