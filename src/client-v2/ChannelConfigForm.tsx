import { Form } from 'antd';
import { MoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { type ChannelField, channelFields } from '../client-common/notifications/channel-fields';
import { ChannelTrial } from '../client-common/notifications/ChannelTrial';
import type { ChannelOptions } from '../shared/messages';

/** The form of a channel in v2, inside NocoBase's. Options without a mounted item here stay as they were saved. */
export default (plugin: ClientPlugin) => ({ default: () => <ChannelConfigForm plugin={plugin} /> });

function ChannelConfigForm({ plugin }: { plugin: ClientPlugin }) {
  const t = (key: string) => plugin.t(key);
  const form = Form.useFormInstance();
  const options: ChannelOptions = Form.useWatch('options', { form, preserve: true }) ?? {};

  const item = ({ name, label, Component, required }: ChannelField) => (
    <Form.Item
      key={name}
      name={['options', name]}
      label={label}
      rules={required && [{ required, message: t('Please choose an authenticator') }]}
    >
      <Component plugin={plugin} authenticator={options.authenticator} />
    </Form.Item>
  );
  const { fields, more } = channelFields(t);
  return (
    <>
      {fields.map(item)}
      <MoreSettings plugin={plugin}>{more.map(item)}</MoreSettings>
      <ChannelTrial plugin={plugin} options={options} />
    </>
  );
}
