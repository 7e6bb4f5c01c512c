import type { ClientPlugin } from '../client-common/nocobase';
import { ContentFields, type MessageFormProps, ReceiversField } from './message-form';

/** The form of a message in the node of a workflow; v1's canvas renders it as well. */
export default (plugin: ClientPlugin) => {
  const MessageConfigForm = (props: MessageFormProps) => (
    <>
      <ReceiversField plugin={plugin} {...props} />
      <ContentFields plugin={plugin} {...props} />
    </>
  );
  return { default: MessageConfigForm };
};
