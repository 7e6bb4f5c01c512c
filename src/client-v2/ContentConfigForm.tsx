import type { ClientPlugin } from '../client-common/nocobase';
import { ContentFields, type MessageFormProps } from './message-form';

/** The form of a template, which says what a message has, but not to whom it goes, in v2. */
export default (plugin: ClientPlugin) => {
  const ContentConfigForm = (props: MessageFormProps) => <ContentFields plugin={plugin} {...props} />;
  return { default: ContentConfigForm };
};
