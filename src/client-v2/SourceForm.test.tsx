/** @jest-environment jsdom */
import { render, screen } from '@testing-library/react';
import { App, Form, type FormInstance } from 'antd';
import { act } from 'react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import sourceForm from './SourceForm';

const STATE = { isOff: false, isRunning: false, members: { bound: 1, open: 0, left: 0 } };

/** NocoBase's form, which stores `{ ...saved.options, ...values.options }`. */
async function show(values: { name?: string; options?: object }) {
  const nocobase = fakePlugin({
    answers: {
      'dingtalk:listAuthenticators': [{ name: 'dingtalk', title: 'Harbour Tech', hasCorpId: true }],
      'dingtalk:getDepartments': [{ id: 2, name: 'Sales', isPrivileged: false }],
      'dingtalk:getSourceState': STATE,
      'dingtalk:getEventState': { mode: 'stream', isOff: false, waiting: 0 },
      'dingtalk:checkSource': [],
      'collections:listMeta': [],
      'userDataSyncSources:list': values.name === 'ours' ? [{ id: 3 }] : [],
    },
  });
  const SourceForm = sourceForm(nocobase.plugin).default;
  let form: FormInstance | undefined;
  const Page = () => {
    [form] = Form.useForm();
    return (
      <App>
        <Form form={form} layout="vertical" initialValues={{ sourceType: 'dingtalk', ...values }}>
          <Form.Item name="name">
            <input />
          </Form.Item>
          <SourceForm />
        </Form>
      </App>
    );
  };
  render(<Page />);
  await settle();
  return { ...nocobase, form: form as unknown as FormInstance };
}

it('stores nothing that was not chosen', async () => {
  const { form } = await show({ options: { authenticator: 'dingtalk' } });
  expect(JSON.parse(JSON.stringify(form.getFieldsValue().options))).toEqual({ authenticator: 'dingtalk' });
});

it('has a mounted item for every option that it shows, and none for those that it does not know', async () => {
  const { form } = await show({ options: { authenticator: 'dingtalk', newer: 1 } });
  await click(screen.getByRole('radio', { name: /^Leave alone/ }));
  await click(screen.getByRole('radio', { name: /^Keep/ }));
  await click(screen.getByRole('checkbox', { name: /Every day/ }));
  await click(screen.getByRole('checkbox', { name: 'Email' }));
  await click(screen.getByRole('radio', { name: /^HTTP callback/ }));
  const { options } = form.getFieldsValue();
  expect(Object.keys(options)).toEqual([
    ...['authenticator', 'departments', 'newUsers', 'leavers', 'fields', 'schedule', 'events', 'brake'],
  ]);
  expect(options).toMatchObject({
    newUsers: 'link',
    leavers: 'keep',
    schedule: null,
    events: 'http',
    fields: { email: { column: 'email', follow: 'ours' } },
  });
});

it('demands an authenticator', async () => {
  const { form, words } = await show({});
  let failure: { errorFields?: { errors: string[] }[] } = {};
  await act(() => form.validateFields().catch((error) => (failure = error)));
  expect(failure.errorFields?.flatMap(({ errors }) => errors)).toEqual([words('Please choose an authenticator')]);
});

it('shows what is known of a source that is saved, which it finds by its name, and checks it as that one', async () => {
  const { requests, bodiesOf, words } = await show({ name: 'ours', options: { authenticator: 'dingtalk', newer: 1 } });
  const [{ url }] = requests.filter((request) => request.url.startsWith('userDataSyncSources:list'));
  expect(JSON.parse(new URLSearchParams(url.split('?')[1]).get('filter') ?? '')).toEqual({
    name: 'ours',
    sourceType: 'dingtalk',
  });
  expect(bodiesOf('dingtalk:getSourceState')).toEqual([{ source: 3 }]);
  expect(bodiesOf('dingtalk:getEventState')).toEqual([{ source: 3 }]);
  await click(screen.getByRole('button', { name: words('Check') }));
  expect(bodiesOf('dingtalk:checkSource')).toEqual([
    { options: expect.objectContaining({ authenticator: 'dingtalk', newer: 1 }), source: 3 },
  ]);
});

it.each([{ name: undefined }, { name: 'not saved' }])('shows no state of one that is not saved: %j', async (values) => {
  const { bodiesOf } = await show(values);
  expect(bodiesOf('dingtalk:getSourceState')).toEqual([]);
  expect(bodiesOf('dingtalk:getEventState')).toEqual([]);
});
