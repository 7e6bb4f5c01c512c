/** @jest-environment jsdom */
import { render, screen } from '@testing-library/react';
import type { ComponentType } from 'react';
import { click, settle } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import { expectRole, form } from '../../testing/client/form-of-v1';
import sourceForm from './SourceForm';

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
      'dingtalk:getSourceState': { isOff: false, isRunning: false, members: { bound: 1, open: 0, left: 0 } },
      'dingtalk:getEventState': { mode: 'stream', isOff: false, waiting: 0 },
      'dingtalk:checkSource': [],
      'collections:listMeta': [],
    },
  });
  const SourceForm = sourceForm(nocobase.plugin).default;
  render(<SourceForm />);
  return nocobase;
}

it('has the options that the server reads, at their places below the field of NocoBase', () => {
  const { words } = show();
  const { properties = {} } = form.schema;
  expect(Object.keys(properties)).toEqual([
    ...['savedSource', 'authenticator', 'departments', 'newUsers', 'leavers', 'fields', 'schedule', 'events'],
    ...['moreSettings', 'sourceTrial'],
  ]);
  // Nodes of the type `void` are no part of the path of a value.
  expect(properties.moreSettings.type).toBe('void');
  expect(Object.keys(properties.moreSettings.properties ?? {})).toEqual(['brake']);
  expect(properties.authenticator).toMatchObject({ type: 'string', required: true, title: words('Authenticator') });
  expect(properties.departments).toMatchObject({ type: 'string', 'x-decorator': 'FormItem' });
  expect(JSON.stringify(form.schema)).not.toContain('"plugin"');
});

it('renders each field that it names, with the value and the change that Formily hands to it', async () => {
  form.values = { options: { authenticator: 'dingtalk' } };
  show();
  const { properties = {} } = form.schema;
  const fields = { ...properties, ...properties.moreSettings.properties };
  for (const [name, role] of Object.entries({
    authenticator: 'combobox',
    departments: 'combobox',
    newUsers: 'radiogroup',
    leavers: 'radiogroup',
    fields: 'group',
    schedule: 'checkbox',
    events: 'radiogroup',
    brake: 'group',
  })) {
    await expectRole(String(fields[name]['x-component']), role);
  }
  const Schedule = form.components[String(fields.schedule['x-component'])] as ComponentType<Record<string, unknown>>;
  const onChange = jest.fn();
  render(<Schedule value={{ time: '01:00', zone: 'UTC' }} onChange={onChange} />);
  await click(screen.getByRole('checkbox'));
  expect(onChange.mock.calls).toEqual([[null]]);
});

it('shows the state of a source that is saved, and checks the values of the form as of that source', async () => {
  form.values = { id: 3, options: { authenticator: 'dingtalk', newer: 1 } };
  const { bodiesOf, words } = show();
  const { SavedSource, SourceTrial, Source_events: Events } = form.components;
  render(<SavedSource />);
  render(<Events />);
  await settle();
  expect(bodiesOf('dingtalk:getSourceState')).toEqual([{ source: 3 }]);
  expect(bodiesOf('dingtalk:getEventState')).toEqual([{ source: 3 }]);
  render(<SourceTrial />);
  // antd puts a blank between two Chinese characters.
  await click(screen.getByRole('button', { name: [...words('Check')].join(' ') }));
  expect(bodiesOf('dingtalk:checkSource')).toEqual([{ options: { authenticator: 'dingtalk', newer: 1 }, source: 3 }]);
});

it('shows no state of a source that is not saved', async () => {
  form.values = { options: {} };
  const { requests } = show();
  const { SavedSource, Source_events: Events } = form.components;
  render(<SavedSource />);
  render(<Events />);
  await settle();
  expect(requests).toEqual([]);
});
