/** What this plugin uses of Formily, on which the forms of NocoBase's v1 client are built. */
declare module '@formily/react' {
  import type { FunctionComponent } from 'react';

  export function observer<Props>(component: FunctionComponent<Props>): FunctionComponent<Props>;
  export function useForm<Values>(): { values: Values };
  /** The node of the component. A path that begins with a dot is that of a sibling. */
  export function useField(): { query(path: string): { value(): unknown } };
}
