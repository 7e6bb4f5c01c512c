/** What the forms of messages use of NocoBase's plugins for notifications and workflows, in both clients. */
declare module '@nocobase/plugin-notification-manager/client-v2' {
  import type { FunctionComponent } from 'react';

  type Receiver = number | string | { filter: object };

  /** One receiver; the form's item hands the value to it. */
  export const UserSelect: FunctionComponent<{ variableOptions?: object[] }>;
  export const UserAddition: FunctionComponent<{ value?: Receiver[]; onChange?: (receivers: Receiver[]) => void }>;
}

declare module '@nocobase/plugin-workflow/client-v2' {
  import type { FunctionComponent } from 'react';

  /** A text with variables; the form's item hands the value to it. */
  export const WorkflowVariableTextArea: FunctionComponent<{
    /** In place of the variables of the workflow around. */
    metaTree?: object[];
    delimiters?: readonly [string, string];
    autoSize?: { minRows: number; maxRows?: number };
  }>;
  /** Whether a field of a collection has the ID of a user. */
  export function isUserKeyField(field: object): boolean;
  export function useWorkflowVariableOptions(options: { types: unknown[] }): object[];
}
