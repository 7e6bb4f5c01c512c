import { observer, useForm } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import { MoreSettings as AnyMoreSettings } from '../client-common/MoreSettings';
import type { ClientPlugin } from '../client-common/nocobase';
import { channelFields } from '../client-common/notifications/channel-fields';
import { ChannelTrial as AnyChannelTrial } from '../client-common/notifications/ChannelTrial';
import type { ChannelOptions } from '../shared/messages';
import { formilyFields } from './fields';

interface Values {
  options?: ChannelOptions;
}

/** The form of a channel in v1. NocoBase puts this schema inside the form's field `options`. */
export default (plugin: ClientPlugin) => {
  const { fields, more } = channelFields((key, values) => plugin.t(key, values));
  const { components, nodeOf } = formilyFields(plugin, [...fields, ...more], 'Channel', ({ options }: Values) => ({
    authenticator: options?.authenticator,
  }));
  const ChannelTrial = observer(() => {
    const { options } = useForm<Values>().values;
    // A copy reads all of them: Formily renders this again only where a value changes that was read here.
    return <AnyChannelTrial plugin={plugin} options={JSON.parse(JSON.stringify(options ?? {}))} />;
  });
  const MoreSettings = (props: object) => <AnyMoreSettings {...props} plugin={plugin} />;
  const schema = {
    type: 'void',
    properties: {
      ...Object.fromEntries(fields.map(nodeOf)),
      moreSettings: {
        type: 'void',
        'x-component': 'MoreSettings',
        properties: Object.fromEntries(more.map(nodeOf)),
      },
      channelTrial: { type: 'void', 'x-component': 'ChannelTrial' },
    },
  };
  const ChannelConfigForm = () => (
    <SchemaComponent components={{ ...components, MoreSettings, ChannelTrial }} schema={schema} />
  );
  return { default: ChannelConfigForm };
};
