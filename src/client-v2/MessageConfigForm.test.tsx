/** @jest-environment jsdom */
import { fireEvent, render, screen } from '@testing-library/react';
import { App, Form, type FormInstance } from 'antd';
import { act } from 'react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import contentForm from './ContentConfigForm';
import messageForm from './MessageConfigForm';

interface TextArea {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  metaTree?: unknown;
  delimiters?: unknown;
}

const given: TextArea[] = [];

jest.mock(
  '@nocobase/plugin-workflow/client-v2',
  () => ({
    isUserKeyField: () => true,
    useWorkflowVariableOptions: () => ['users'],
    WorkflowVariableTextArea: (props: TextArea) => {
      given.push(props);
      return (
        <textarea id={props.id} value={props.value ?? ''} onChange={({ target }) => props.onChange?.(target.value)} />
      );
    },
  }),
  { virtual: true },
);
jest.mock(
  '@nocobase/plugin-notification-manager/client-v2',
  () => ({
    UserSelect: ({ value, variableOptions }: { value?: unknown; variableOptions?: unknown }) => (
      <output>{JSON.stringify([value, variableOptions])}</output>
    ),
    UserAddition: ({ value = [], onChange }: { value?: unknown[]; onChange?: (next: unknown[]) => void }) => (
      <button onClick={() => onChange?.([...value, 7])}>Add user</button>
    ),
  }),
  { virtual: true },
);

async function show(form: typeof messageForm | typeof contentForm, config: object, prefix = ['config']) {
  const nocobase = fakePlugin({ answers: { 'notificationChannels:list': [{ name: 'any' }] } });
  const MessageForm = form(nocobase.plugin).default;
  let instance: FormInstance | undefined;
  const Page = () => {
    [instance] = Form.useForm();
    return (
      <App>
        <Form form={instance} layout="vertical" initialValues={prefix.length ? { config } : config}>
          <Form.Item name={[...prefix, 'channelName']}>
            <input />
          </Form.Item>
          <MessageForm namePrefix={prefix} variableOptions={[{ name: 'own' }]} />
        </Form>
      </App>
    );
  };
  given.length = 0;
  render(<Page />);
  await settle();
  const values = () => JSON.parse(JSON.stringify(instance?.getFieldsValue()));
  return { ...nocobase, form: instance as unknown as FormInstance, values };
}

const write = (label: string, text: string, which = 0) => {
  fireEvent.change(screen.getAllByLabelText(label, { selector: 'textarea' })[which], { target: { value: text } });
  return settle();
};

it('keeps what a message says below `content`, and its receivers outside', async () => {
  const { values } = await show(messageForm, { channelName: 'ding' });
  await write('Text', 'Hello');
  await click(screen.getByRole('button', { name: 'Add user' }));
  expect(values()).toEqual({
    config: { channelName: 'ding', receivers: [7], content: { text: 'Hello' } },
  });
});

it('has variables in triple braces, and those of users for receivers', async () => {
  await show(messageForm, { channelName: 'ding', receivers: [1] });
  expect(given.every(({ delimiters }) => JSON.stringify(delimiters) === '["{{{","}}}"]')).toBe(true);
  expect(given[0].metaTree).toEqual([{ name: 'own' }]);
  expect(screen.getByRole('status').textContent).toBe('[1,["users"]]');
});

it('has the fields of each type', async () => {
  const { values } = await show(messageForm, { channelName: 'ding' });
  await click(screen.getByRole('radio', { name: 'Card with links' }));
  await write('Title', 'T');
  await write('Text', '**x**');
  await write('Address to open', '/admin');
  await write('Label of the link', 'Open');
  await click(screen.getByRole('button', { name: 'Add button' }));
  await write('Label', 'Yes');
  await write('Address to open', '/admin/yes', 1);
  await click(screen.getByRole('radio', { name: 'Side by side' }));
  expect(values().config.content).toEqual({
    type: 'actionCard',
    title: 'T',
    text: '**x**',
    url: '/admin',
    button: 'Open',
    buttons: [{ title: 'Yes', url: '/admin/yes' }],
    layout: 'horizontal',
  });
});

it('has no more rows than DingTalk shows', async () => {
  const form = [1, 2, 3, 4, 5].map((key) => ({ key: `${key}` }));
  const { values } = await show(messageForm, { channelName: 'ding', content: { type: 'oa', form } });
  const add = screen.getByRole<HTMLButtonElement>('button', { name: 'Add row' });
  await click(add);
  expect(values().config.content.form).toHaveLength(6);
  expect(add.disabled).toBe(true);
});

it('demands receivers', async () => {
  const { form, words } = await show(messageForm, { channelName: 'ding' });
  let failure: { errorFields?: { errors: string[] }[] } = {};
  await act(() => form.validateFields().catch((error) => (failure = error)));
  expect(failure.errorFields?.flatMap(({ errors }) => errors)).toEqual([words('Please choose receivers')]);
});

it('has no receivers in a template, whose message is shown as of any channel', async () => {
  const { values, requests } = await show(contentForm, { content: { type: 'text', text: 'x' } }, []);
  expect(screen.queryByRole('button', { name: 'Add user' })).toBeNull();
  expect(values().content).toEqual({ type: 'text', text: 'x' });
  expect(decodeURIComponent(requests[0].url)).toContain('{"notificationType":"dingtalk"}');
});
