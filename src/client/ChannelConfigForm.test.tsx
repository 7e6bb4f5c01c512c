/** @jest-environment jsdom */
import { render, screen } from '@testing-library/react';
import { click } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import { expectRole, form, type Schema } from '../../testing/client/form-of-v1';
import channelForm from './ChannelConfigForm';
import contentForm from './ContentConfigForm';

jest.mock(
  '@nocobase/client',
  () =>
    jest.requireActual<typeof import('../../testing/client/form-of-v1')>('../../testing/client/form-of-v1').nocobase,
  { virtual: true },
);
jest.mock(
  '@formily/react',
  () => jest.requireActual<typeof import('../../testing/client/form-of-v1')>('../../testing/client/form-of-v1').formily,
  { virtual: true },
);

function show() {
  const nocobase = fakePlugin({
    language: 'zh-CN',
    answers: {
      'dingtalk:listAuthenticators': [],
      'dingtalk:getNotificationState': { month: '2026-11', calls: 1, quota: 5000, hasAgentId: true, isOff: false },
      'dingtalk:sendTest': { code: 'X', outcome: 'ok', message: 'Fine.' },
    },
  });
  const ChannelForm = channelForm(nocobase.plugin).default;
  render(<ChannelForm />);
  return nocobase;
}

it('has the options that the server reads, at their places below the field of NocoBase', () => {
  const { words } = show();
  const { properties = {} } = form.schema;
  expect(Object.keys(properties)).toEqual([
    ...['authenticator', 'quota', 'links', 'asksResult', 'moreSettings', 'channelTrial'],
  ]);
  // Nodes of the type `void` are no part of the path of a value.
  expect(properties.moreSettings.type).toBe('void');
  expect(Object.keys(properties.moreSettings.properties ?? {})).toEqual([
    ...['address', 'hosts', 'tooLong', 'appendsTime'],
  ]);
  expect(properties.authenticator).toMatchObject({ type: 'string', required: true, title: words('Authenticator') });
  expect(JSON.stringify(form.schema)).not.toContain('"plugin"');
});

it('renders each field that it names, with the values of the form', async () => {
  form.values = { options: { authenticator: 'dingtalk' } };
  const { bodiesOf } = show();
  const { properties = {} } = form.schema;
  const fields = { ...properties, ...properties.moreSettings.properties };
  for (const [name, role] of Object.entries({
    authenticator: 'combobox',
    quota: 'spinbutton',
    links: 'radiogroup',
    asksResult: 'checkbox',
    address: 'textbox',
    hosts: 'combobox',
    tooLong: 'radiogroup',
    appendsTime: 'checkbox',
  })) {
    await expectRole(String(fields[name]['x-component']), role);
  }
  expect(bodiesOf('dingtalk:getNotificationState')).toEqual([{ authenticator: 'dingtalk' }]);
});

it('sends a test by what stands in the form', async () => {
  form.values = { options: { authenticator: 'dingtalk', newer: 1 } };
  const { bodiesOf, words } = show();
  const { ChannelTrial } = form.components;
  render(<ChannelTrial />);
  await click(screen.getByRole('button', { name: words('Send a test') }));
  expect(bodiesOf('dingtalk:sendTest')).toEqual([{ options: { authenticator: 'dingtalk', newer: 1 } }]);
});

describe('the form of a template', () => {
  const scope = [{ value: 'title' }];

  function fields(): Record<string, Schema> {
    const { plugin } = fakePlugin();
    const ContentForm = contentForm(plugin).default;
    render(<ContentForm variableOptions={scope} />);
    return form.schema.properties?.content.properties ?? {};
  }

  it('has the fields of a message below `content`, with variables in triple braces', () => {
    const own = fields();
    expect(Object.keys(own).sort()).toEqual([
      ...['button', 'buttons', 'form', 'layout', 'text', 'title', 'type', 'url'],
    ]);
    for (const name of ['title', 'text', 'url', 'button']) {
      expect(own[name]['x-component-props']).toMatchObject({ scope, delimiters: ['{{{', '}}}'] });
    }
  });

  it.each([
    ['text', ['text']],
    ['markdown', ['text', 'title']],
    ['actionCard', ['button', 'buttons', 'layout', 'text', 'title', 'url']],
    ['oa', ['form', 'text', 'title', 'url']],
  ])('shows for %s: %j', (type, names) => {
    const own = fields();
    const isShown = ({ 'x-reactions': reaction }: Schema) =>
      (reaction as { fulfill: { state: { display: string } } } | undefined)?.fulfill.state.display.includes(
        `"${type}"`,
      );
    const shown = Object.keys(own).filter((name) => isShown(own[name]));
    expect(shown.sort()).toEqual(names);
  });

  it('shows the message as of any channel, as a template has none', async () => {
    form.content = { type: 'text', text: 'Hello' };
    const { plugin, bodiesOf } = fakePlugin({
      answers: {
        'notificationChannels:list': [{ name: 'any' }],
        'dingtalk:previewMessage': {
          message: { msgtype: 'text', text: { content: 'Hello' } },
          bytes: 40,
          maxBytes: 2048,
          notes: [],
        },
      },
    });
    const ContentForm = contentForm(plugin).default;
    render(<ContentForm />);
    expect(form.schema.properties?.preview['x-component']).toBe('Preview');
    const { Preview } = form.components;
    render(<Preview />);
    await screen.findByText('Hello', undefined, { timeout: 5000 });
    expect(bodiesOf('dingtalk:previewMessage')).toEqual([{ channel: 'any', content: form.content }]);
  });
});
