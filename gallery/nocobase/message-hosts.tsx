import { Button, Input } from 'antd';

/** In place of NocoBase's plugins for workflows and notifications: the fields that the forms of messages use. */

interface TextArea {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  autoSize?: { minRows: number; maxRows?: number };
}

/** NocoBase's own field, which also takes variables. */
export const WorkflowVariableTextArea = ({ id, value, onChange, autoSize }: TextArea) => (
  <Input.TextArea id={id} value={value} autoSize={autoSize} onChange={({ target }) => onChange?.(target.value)} />
);

export const isUserKeyField = () => true;
export const useWorkflowVariableOptions = () => [];

export const UserSelect = ({ id, value }: { id?: string; value?: number }) => (
  <Input id={id} aria-label="User" readOnly value={value} />
);
export const UserAddition = () => <Button block>+</Button>;
