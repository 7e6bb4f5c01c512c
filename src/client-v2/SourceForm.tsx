import { Form } from 'antd';
import { useEffect, useState } from 'react';
import { MoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { findSource } from '../client-common/nocobase-records';
import { SavedSource } from '../client-common/sync/SavedSource';
import { sourceFields, type SourceField } from '../client-common/sync/source-fields';
import { SourceTrial } from '../client-common/sync/SourceTrial';
import type { SourceOptions } from '../shared/directory';

/** The form of a source in v2, inside NocoBase's. Options without a mounted item here stay as they were saved. */
export default (plugin: ClientPlugin) => ({ default: () => <SourceForm plugin={plugin} /> });

function SourceForm({ plugin }: { plugin: ClientPlugin }) {
  const t = (key: string) => plugin.t(key);
  const form = Form.useFormInstance();
  const options: SourceOptions = Form.useWatch('options', { form, preserve: true }) ?? {};
  const [source, setSource] = useState<number | string>();

  useEffect(() => {
    // NocoBase does not tell which source it is, only the name, by which it knows sources itself.
    const name = form.getFieldValue('name');
    if (name) {
      findSource(plugin.app, name).then(setSource, () => undefined);
    }
  }, [plugin, form]);

  const item = ({ name, label, Component, required }: SourceField) => (
    <Form.Item
      key={name}
      name={['options', name]}
      label={label}
      rules={required && [{ required, message: t('Please choose an authenticator') }]}
    >
      <Component plugin={plugin} authenticator={options.authenticator} source={source} />
    </Form.Item>
  );
  const { fields, more } = sourceFields(t);
  return (
    <>
      {source !== undefined && <SavedSource plugin={plugin} source={source} />}
      {fields.map(item)}
      <MoreSettings plugin={plugin}>{more.map(item)}</MoreSettings>
      <SourceTrial plugin={plugin} options={options} source={source} />
    </>
  );
}
