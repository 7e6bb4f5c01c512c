import { observer, useForm } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import { MoreSettings as AnyMoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { SavedSource as AnySavedSource } from '../client-common/sync/SavedSource';
import { sourceFields, type SourceField } from '../client-common/sync/source-fields';
import { SourceTrial } from '../client-common/sync/SourceTrial';
import type { SourceOptions } from '../shared/directory';

interface Values {
  /** Missing for a source that is not saved yet. */
  id?: number | string;
  options?: SourceOptions;
}

/** The form of a source in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const t = (key: string) => plugin.t(key);
  const { fields, more } = sourceFields(t);

  // In closures, not among the properties of the schema: Formily walks through those, and would through all of NocoBase.
  const bound = ({ Component }: SourceField) =>
    observer((props: object) => {
      const { id, options } = useForm<Values>().values;
      return <Component {...props} plugin={plugin} authenticator={options?.authenticator} source={id} />;
    });
  const components = {
    ...Object.fromEntries([...fields, ...more].map((field) => [componentOf(field), bound(field)])),
    MoreSettings: (props: object) => <AnyMoreSettings {...props} plugin={plugin} />,
    SavedSource: observer(() => {
      const { id } = useForm<Values>().values;
      return id === undefined ? null : <AnySavedSource plugin={plugin} source={id} />;
    }),
    SourceTrial: observer(() => {
      const { id, options } = useForm<Values>().values;
      // A copy reads all of them: Formily renders this again only where a value changes that was read here.
      return <SourceTrial plugin={plugin} options={JSON.parse(JSON.stringify(options ?? {}))} source={id} />;
    }),
  };
  const schema = {
    type: 'void',
    properties: {
      savedSource: { type: 'void', 'x-component': 'SavedSource' },
      ...Object.fromEntries(fields.map(nodeOf)),
      moreSettings: {
        type: 'void',
        'x-component': 'MoreSettings',
        properties: Object.fromEntries(more.map(nodeOf)),
      },
      sourceTrial: { type: 'void', 'x-component': 'SourceTrial' },
    },
  };
  const SourceForm = () => <SchemaComponent components={components} schema={schema} />;
  return { default: SourceForm };
};

const componentOf = ({ name }: SourceField) => `Source_${name}`;

/** Never `array` or `object`: Formily would store an empty one where nothing was chosen. */
const nodeOf = (field: SourceField) => [
  field.name,
  {
    type: 'string',
    title: field.label,
    required: field.required,
    'x-decorator': 'FormItem',
    'x-component': componentOf(field),
  },
];
