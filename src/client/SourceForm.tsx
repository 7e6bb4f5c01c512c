import { observer, useForm } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import { MoreSettings as AnyMoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { SavedSource as AnySavedSource } from '../client-common/sync/SavedSource';
import { sourceFields } from '../client-common/sync/source-fields';
import { SourceTrial } from '../client-common/sync/SourceTrial';
import type { SourceOptions } from '../shared/directory';
import { formilyFields } from './fields';

interface Values {
  /** Missing for a source that is not saved yet. */
  id?: number | string;
  options?: SourceOptions;
}

/** The form of a source in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const t = (key: string) => plugin.t(key);
  const { fields, more } = sourceFields(t);
  const { nodeOf, ...own } = formilyFields(plugin, [...fields, ...more], 'Source', ({ id, options }: Values) => ({
    authenticator: options?.authenticator,
    source: id,
  }));
  const components = {
    ...own.components,
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
