import { Input } from 'antd';

/** In place of `@nocobase/client-v2`: what an entry of the v2 client, and its settings form, need. */
export class Plugin {
  app?: object;
}

interface Props {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  password?: boolean;
}

/** NocoBase's own field, which also takes a variable. */
export function EnvVariableInput({ id, value, onChange, password }: Props) {
  const Field = password ? Input.Password : Input;
  return <Field id={id} value={value} onChange={(event) => onChange?.(event.target.value)} />;
}
