import { render, screen } from '@testing-library/react';
import type { ComponentType, ReactNode } from 'react';
import { settle } from './dom';

// NocoBase's v1 and Formily as far as our forms need them: the packages would have to be loaded whole. Jest takes both by
// `jest.mock`, whose function may use nothing of its test file, so that it reads this file by `jest.requireActual`.

export interface Schema {
  type?: string;
  title?: string;
  required?: boolean;
  description?: string;
  properties?: Record<string, Schema>;
  [more: string]: unknown;
}

interface Rendered {
  schema: Schema;
  components: Record<string, ComponentType<object>>;
}

/** What was rendered last, and what the test says that is in the form. */
export const form: Rendered & { values: object; content?: object } = { schema: {}, components: {}, values: {} };

/** In place of `@nocobase/client`. */
export const nocobase = {
  Plugin: class {
    app: unknown;
  },
  lazy: (load: unknown) => ({ lazy: load }),
  FormItem: ({ children }: { children: ReactNode }) => children,
  SchemaComponent: ({ schema, components }: Rendered) => {
    Object.assign(form, { schema, components });
    return null;
  },
};

/** In place of `@formily/react`. */
export const formily = {
  observer: (component: unknown) => component,
  useForm: () => ({ values: form.values }),
  useField: () => ({ query: (path: string) => ({ value: () => (path === '.content' ? form.content : undefined) }) }),
};

/** Renders a component of the form by itself, and finds the element that it is there for. */
export async function expectRole(component: string, role: string): Promise<void> {
  const Component = form.components[component];
  const { unmount } = render(<Component />);
  await settle();
  expect(screen.getByRole(role)).toBeTruthy();
  unmount();
}
