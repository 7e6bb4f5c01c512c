/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/v/admin/settings"}
 */
import { fireEvent, render, screen } from '@testing-library/react';
import { App, Form, type FormInstance } from 'antd';
import { act } from 'react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import channelForm from './ChannelConfigForm';

/** NocoBase's form, which stores `{ ...saved.options, ...values.options }`. */
async function show(options?: object) {
  const nocobase = fakePlugin({
    basename: '/v/',
    answers: {
      'dingtalk:listAuthenticators': [{ name: 'dingtalk', title: 'Harbour Tech', hasCorpId: true }],
      'dingtalk:getNotificationState': { month: '2026-11', calls: 41, quota: 5000, hasAgentId: true, isOff: false },
      'dingtalk:sendTest': { code: 'MESSAGE_DELIVERED', outcome: 'ok', message: 'It arrived.' },
    },
  });
  const ChannelForm = channelForm(nocobase.plugin).default;
  let form: FormInstance | undefined;
  const Page = () => {
    [form] = Form.useForm();
    return (
      <App>
        <Form form={form} layout="vertical" initialValues={{ options }}>
          <ChannelForm />
        </Form>
      </App>
    );
  };
  const { container } = render(<Page />);
  await settle();
  return { ...nocobase, container, form: form as unknown as FormInstance };
}

it('stores the address of this page where none was saved, and nothing else that was not chosen', async () => {
  const { form } = await show({ authenticator: 'dingtalk' });
  expect(JSON.parse(JSON.stringify(form.getFieldsValue().options))).toEqual({
    authenticator: 'dingtalk',
    address: 'https://nocobase.example.com/v',
  });
});

it('leaves an address alone that somebody emptied', async () => {
  const { form } = await show({ authenticator: 'dingtalk', address: '' });
  expect(form.getFieldsValue().options.address).toBe('');
});

it('has a mounted item for every option, as NocoBase stores no others', async () => {
  const { form } = await show({ authenticator: 'dingtalk', newer: 1 });
  await click(screen.getByRole('radio', { name: /^In the browser/ }));
  await click(screen.getByRole('radio', { name: /^Refuse/ }));
  await click(screen.getByRole('checkbox', { name: /Ask DingTalk what became of a message$/ }));
  await click(screen.getByRole('checkbox', { name: /Append the time to each message$/ }));
  fireEvent.change(screen.getByRole('spinbutton'), { target: { value: '100' } });
  const hosts = screen.getByRole('combobox', { name: 'Other hosts that links may lead to' });
  fireEvent.change(hosts, { target: { value: 'example.com,' } });
  await settle();
  expect(form.getFieldsValue().options).toEqual({
    authenticator: 'dingtalk',
    links: 'browser',
    tooLong: 'refuse',
    asksResult: true,
    appendsTime: false,
    quota: 100,
    hosts: ['example.com'],
    address: 'https://nocobase.example.com/v',
  });
});

it('shows the month’s calls of the authenticator that is chosen, beside the quota in the form', async () => {
  const { bodiesOf, container } = await show({ authenticator: 'dingtalk', quota: 100 });
  expect(bodiesOf('dingtalk:getNotificationState')).toEqual([{ authenticator: 'dingtalk' }]);
  expect(container.textContent).toContain('NocoBase made 41 of 100 calls in 2026-11.');
});

it('demands an authenticator, and sends no test without one', async () => {
  const { form, words, bodiesOf } = await show({});
  let failure: { errorFields?: { errors: string[] }[] } = {};
  await act(() => form.validateFields().catch((error) => (failure = error)));
  expect(failure.errorFields?.flatMap(({ errors }) => errors)).toEqual([words('Please choose an authenticator')]);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send a test' }).disabled).toBe(true);
  expect(bodiesOf('dingtalk:getNotificationState')).toEqual([]);
});

it('sends a test by what stands in the form', async () => {
  const { bodiesOf, container } = await show({ authenticator: 'dingtalk', newer: 1, address: 'https://a.example' });
  await click(screen.getByRole('radio', { name: /^In the browser/ }));
  await click(screen.getByRole('button', { name: 'Send a test' }));
  expect(bodiesOf('dingtalk:sendTest')).toMatchObject([
    { options: { authenticator: 'dingtalk', links: 'browser', newer: 1, address: 'https://a.example' } },
  ]);
  expect(container.textContent).toContain('It arrived.');
});
