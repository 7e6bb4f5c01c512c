import { DeleteOutlined } from '@ant-design/icons';
import { UserAddition, UserSelect } from '@nocobase/plugin-notification-manager/client-v2';
import {
  isUserKeyField,
  useWorkflowVariableOptions,
  WorkflowVariableTextArea,
} from '@nocobase/plugin-workflow/client-v2';
import { Button, Flex, Form, Radio } from 'antd';
import type { ClientPlugin, Translate } from '../client-common/nocobase';
import { DEFAULT_TYPE, fieldsOf, layoutWords, typeWords } from '../client-common/notifications/message-types';
import { Preview } from '../client-common/notifications/Preview';
import type { ChannelMessage, MessageContent } from '../shared/messages';

type Path = (string | number)[];

/** What NocoBase hands to the forms of messages. */
export interface MessageFormProps {
  /** The variables that may be used; those of the workflow where there are none. */
  variableOptions?: object[];
  namePrefix?: Path;
}

/** NocoBase writes `&lt;` for `<` where a variable stands in double braces. */
const BRACES = ['{{{', '}}}'] as const;

const optionsOf = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));

/** Shows what the server takes where nothing is chosen. */
const shownAs = (otherwise: string) => (value: unknown) => ({ value: value ?? otherwise });

/** To whom a message goes, as NocoBase's own channels ask it. Outside of `content`, so that variables keep their types. */
export function ReceiversField({ plugin, namePrefix = [] }: MessageFormProps & { plugin: ClientPlugin }) {
  const t = (key: string) => plugin.t(key);
  const form = Form.useFormInstance();
  const name = [...namePrefix, 'receivers'];
  const receivers: ChannelMessage['receivers'] = Form.useWatch(name, form);
  const userVariables = useWorkflowVariableOptions({ types: [isUserKeyField] });
  const validator = (_: unknown, chosen?: unknown[]) =>
    chosen?.some(Boolean) ? Promise.resolve() : Promise.reject(new Error(t('Please choose receivers')));
  return (
    <Form.List name={name} rules={[{ validator }]}>
      {(entries, { remove }, { errors }) => (
        <Form.Item
          required
          label={t('Receivers')}
          extra={t('Users, queries for users, or variables with IDs of users.')}
          validateStatus={errors.length ? 'error' : undefined}
          help={errors[0]}
        >
          <Flex vertical gap="small">
            {entries.map(({ key, name: index }) => (
              <Flex key={key} gap="small" align="center">
                <div style={{ flex: 1, minWidth: 0 }}>
                  <Form.Item name={index} noStyle>
                    <UserSelect variableOptions={userVariables} />
                  </Form.Item>
                </div>
                <Button type="text" icon={<DeleteOutlined />} aria-label={t('Remove')} onClick={() => remove(index)} />
              </Flex>
            ))}
            <UserAddition value={receivers ?? []} onChange={(chosen) => form.setFieldValue(name, chosen)} />
          </Flex>
        </Form.Item>
      )}
    </Form.List>
  );
}

/** What a message says, and how it will look. */
export function ContentFields({
  plugin,
  variableOptions,
  namePrefix = [],
}: MessageFormProps & { plugin: ClientPlugin }) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const form = Form.useFormInstance();
  const prefix = [...namePrefix, 'content'];
  const content: MessageContent | undefined = Form.useWatch(prefix, { form, preserve: true });
  const channel = Form.useWatch([...namePrefix, 'channelName'], { form, preserve: true });
  const { texts, lists } = fieldsOf(t, content?.type ?? DEFAULT_TYPE);
  const variable = (isLong?: boolean) => (
    <WorkflowVariableTextArea
      metaTree={variableOptions}
      delimiters={BRACES}
      autoSize={isLong ? { minRows: 5 } : { minRows: 1, maxRows: 4 }}
    />
  );
  return (
    <>
      <Form.Item name={[...prefix, 'type']} label={t('Type')} getValueProps={shownAs(DEFAULT_TYPE)}>
        <Radio.Group options={optionsOf(typeWords(t))} />
      </Form.Item>
      {texts.map(({ name, label, isLong, means }) => (
        <Form.Item key={name} name={[...prefix, name]} label={label} extra={means}>
          {variable(isLong)}
        </Form.Item>
      ))}
      {lists.map(({ name, label, add, most, entries }) => (
        <Form.Item key={name} label={label}>
          <Form.List name={[...prefix, name]}>
            {(rows, list) => (
              <Flex vertical gap="small">
                {rows.map(({ key, name: index }) => (
                  <Flex key={key} gap="small" align="start">
                    {entries.map((entry) => (
                      <div key={entry.name} style={{ flex: 1, minWidth: 0 }}>
                        <Form.Item name={[index, entry.name]} label={entry.label} style={{ marginBottom: 0 }}>
                          {variable()}
                        </Form.Item>
                      </div>
                    ))}
                    <Button
                      type="text"
                      icon={<DeleteOutlined />}
                      aria-label={t('Remove')}
                      onClick={() => list.remove(index)}
                    />
                  </Flex>
                ))}
                <div>
                  {/* `false` would enable it in a form that is disabled as a whole, of a workflow that ran. */}
                  <Button disabled={rows.length >= most || undefined} onClick={() => list.add({})}>
                    {add}
                  </Button>
                </div>
              </Flex>
            )}
          </Form.List>
        </Form.Item>
      ))}
      {content?.type === 'actionCard' && Boolean(content.buttons?.length) && (
        <Form.Item name={[...prefix, 'layout']} label={t('Buttons')} getValueProps={shownAs('vertical')}>
          <Radio.Group options={optionsOf(layoutWords(t))} />
        </Form.Item>
      )}
      <Preview plugin={plugin} channel={channel} content={content} />
    </>
  );
}
