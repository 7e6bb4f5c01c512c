import { observer, useForm } from '@formily/react';
import type { ComponentType } from 'react';
import type { FormField } from '../client-common/field';
import type { ClientPlugin } from '../client-common/nocobase';

/**
 * The fields of a form of v1, as Formily has them.
 *
 * @param prefix of the names of their components
 * @param propsOf what each component gets, by the values of the form
 */
export function formilyFields<More, Values>(
  plugin: ClientPlugin,
  fields: FormField<string, More>[],
  prefix: string,
  propsOf: (values: Values) => More,
) {
  const componentOf = ({ name }: { name: string }) => `${prefix}_${name}`;
  // In closures, not among the properties of the schema: Formily walks through those, and would through all of NocoBase.
  const bound = ({ Component }: FormField<string, More>) => {
    const Field = Component as ComponentType<{ plugin: ClientPlugin } & More>;
    return observer((props: object) => <Field {...props} plugin={plugin} {...propsOf(useForm<Values>().values)} />);
  };
  return {
    components: Object.fromEntries(fields.map((field) => [componentOf(field), bound(field)])),
    /** Never `array` or `object`: Formily would store an empty one where nothing was chosen. */
    nodeOf: (field: FormField<string, More>) =>
      [
        field.name,
        {
          type: 'string',
          title: field.label,
          required: field.required,
          'x-decorator': 'FormItem',
          'x-component': componentOf(field),
        },
      ] as const,
  };
}
