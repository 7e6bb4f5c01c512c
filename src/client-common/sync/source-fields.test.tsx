/** @jest-environment jsdom */
import { fireEvent, render, screen } from '@testing-library/react';
import { type ComponentType, useState } from 'react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../testing/client/fake-plugin';
import { BrakeField } from './BrakeField';
import { ColumnsField } from './ColumnsField';
import { DepartmentsField } from './DepartmentsField';
import { ScheduleField } from './ScheduleField';
import { AuthenticatorField } from '../AuthenticatorField';
import { LeaversField, NewUsersField } from './SourceChoices';

const AUTHENTICATORS = [
  { name: 'dingtalk', title: 'Harbour Tech', hasCorpId: true },
  { name: 'other', title: '<b>Other</b>', hasCorpId: false },
];
const USERS = {
  name: 'users',
  fields: [
    { name: 'nickname', type: 'string', interface: 'input' },
    { name: 'jobNumber', type: 'string', interface: 'input', uiSchema: { title: '{{t("Job number")}}' } },
    { name: 'unique', type: 'string', interface: 'input', unique: true },
    { name: 'hidden', type: 'string', interface: 'input', hidden: true },
    { name: 'managerKey', type: 'string', interface: 'input', isForeignKey: true },
    { name: 'age', type: 'integer', interface: 'integer' },
  ],
};

async function show<Props extends object>(Component: ComponentType<Props>, initial: unknown, answers = {}, more = {}) {
  const nocobase = fakePlugin({
    answers: {
      'dingtalk:listAuthenticators': AUTHENTICATORS,
      'collections:listMeta': [USERS],
      'dingtalk:getDepartments': ({ data }: { data?: { parent?: number } }) =>
        data?.parent === undefined
          ? [
              { id: 2, name: '<img src=x onerror=alert(1)>', isPrivileged: false },
              { id: 3, name: 'Board', isPrivileged: true },
            ]
          : [{ id: 20, name: 'Harbour', isPrivileged: false }],
      ...answers,
    },
  });
  const values: unknown[] = [];
  const Page = () => {
    const [value, setValue] = useState(initial);
    const props = {
      ...more,
      plugin: nocobase.plugin,
      id: 'field',
      value,
      onChange(next: unknown) {
        values.push(next);
        setValue(next);
      },
    } as unknown as Props;
    return <Component {...props} />;
  };
  render(<Page />);
  await settle();
  return { ...nocobase, last: () => JSON.parse(JSON.stringify(values.at(-1) ?? null)), values };
}

const change = (element: Element, value: string) => {
  fireEvent.change(element, { target: { value } });
  return settle();
};

describe('the authenticator', () => {
  it('is chosen from those that are enabled; one without a Corp ID is shown, says so, and cannot be chosen', async () => {
    const { last } = await show(AuthenticatorField, undefined);
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Authenticator' }));
    await settle();
    const other = screen.getByTitle('<b>Other</b> · has no Corp ID');
    expect(other.className).toContain('disabled');
    await click(other);
    expect(last()).toBeNull();
    await click(screen.getByTitle('Harbour Tech'));
    expect(last()).toBe('dingtalk');
  });

  it('that is gone or disabled is told', async () => {
    const { words } = await show(AuthenticatorField, 'gone');
    expect(screen.getByRole('alert').textContent).toBe(words('SOURCE_AUTHENTICATOR'));
  });

  it('says why there is no list', async () => {
    await show(AuthenticatorField, undefined, { 'dingtalk:listAuthenticators': () => Promise.reject(refusal('X')) });
    expect(screen.getByRole('alert').textContent).toBe('A sentence (X)');
  });
});

describe('new people, and people who left', () => {
  it('show what the server takes where nothing is chosen', async () => {
    await show(NewUsersField, undefined);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Create users/ }).checked).toBe(true);
    await show(LeaversField, null);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Take out/ }).checked).toBe(true);
  });

  it('bind what is chosen, and say when deleted users go', async () => {
    const { last } = await show(LeaversField, 'detach');
    await click(screen.getByRole('radio', { name: /^Delete .*30 days/ }));
    expect(last()).toBe('delete');
    // A sentence chooses as well as a name.
    await click(screen.getByText(/^Nothing goes/));
    expect(last()).toBe('keep');
  });
});

describe('departments', () => {
  const open = async () => {
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Departments' }));
    await settle();
  };

  it('are not asked for before the list is opened, and not at all without an authenticator', async () => {
    const { bodiesOf } = await show(DepartmentsField, undefined, {}, { authenticator: 'dingtalk' });
    expect(bodiesOf('dingtalk:getDepartments')).toEqual([]);
    await open();
    expect(bodiesOf('dingtalk:getDepartments')).toEqual([{ authenticator: 'dingtalk' }]);
  });

  it('cannot be chosen without an authenticator', async () => {
    const { bodiesOf, words } = await show(DepartmentsField, undefined);
    await open();
    expect(bodiesOf('dingtalk:getDepartments')).toEqual([]);
    expect(document.body.textContent).toContain(words('Please choose an authenticator'));
  });

  it('are chosen by their IDs; names are text, and one with a privileged role is told', async () => {
    const { last } = await show(DepartmentsField, undefined, {}, { authenticator: 'dingtalk' });
    await open();
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByTitle('Board · has a privileged role here')).toBeTruthy();
    await click(screen.getByTitle('<img src=x onerror=alert(1)>'));
    expect(last()).toEqual([2]);
  });

  it('below a chosen one are read when it is opened, are said to be included, and cannot be chosen again', async () => {
    const { bodiesOf, last } = await show(DepartmentsField, [3], {}, { authenticator: 'dingtalk' });
    await open();
    await click(document.querySelectorAll('.ant-select-tree-switcher')[1]);
    expect(bodiesOf('dingtalk:getDepartments').at(-1)).toEqual({ authenticator: 'dingtalk', parent: 3 });
    await click(screen.getByTitle('Harbour · included'));
    expect(last()).toBeNull();
  });

  it('that are chosen have their names at once, or else their IDs', async () => {
    await show(DepartmentsField, [3, 99], {}, { authenticator: 'dingtalk' });
    const chosen = [...document.querySelectorAll('.ant-select-selection-item-content')];
    expect(chosen.map(({ textContent }) => textContent)).toEqual(['99', 'Board · has a privileged role here']);
  });

  it('say why there is no list', async () => {
    const answers = { 'dingtalk:getDepartments': () => Promise.reject(networkError()) };
    const { words } = await show(DepartmentsField, [3], answers, { authenticator: 'dingtalk' });
    expect(screen.getByRole('alert').textContent).toBe(words('SYNC_FAILED'));
  });
});

describe('fields', () => {
  const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name });

  it('show what the server writes where nothing was chosen', async () => {
    await show(ColumnsField, undefined);
    expect(['Name', 'Phone number', 'Email', 'Job number'].map((name) => box(name).checked)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(box('Only of users whom this source creates').checked).toBe(true);
  });

  it('keep the others, and keys that this version does not know', async () => {
    const { last } = await show(ColumnsField, {
      nickname: { column: 'nickname', follow: 'once', later: 1 },
      newer: { column: 'x', follow: 'ours' },
    });
    await click(box('Email'));
    expect(last()).toEqual({
      nickname: { column: 'nickname', follow: 'once', later: 1 },
      newer: { column: 'x', follow: 'ours' },
      email: { column: 'email', follow: 'ours' },
    });
    await click(box('Email'));
    expect(last().email).toBeUndefined();
  });

  it('write the phone number of everybody only where that is said', async () => {
    const { last } = await show(ColumnsField, undefined);
    await click(box('Only of users whom this source creates'));
    expect(last().phone).toEqual({ column: 'phone', follow: 'ours', newUsersOnly: false });
  });

  it('offer text columns that an administrator added, and take a name that is typed', async () => {
    const { last } = await show(ColumnsField, { jobNumber: { column: '', follow: 'ours' } });
    const column = screen.getByRole('combobox', { name: 'Column: Job number' });
    fireEvent.mouseDown(column);
    await settle();
    const offered = [...document.querySelectorAll('.ant-select-item-option-content')].map((each) => each.textContent);
    expect(offered).toEqual(['Job number (jobNumber)']);
    await change(column, ' number ');
    expect(last()).toEqual({ jobNumber: { column: 'number', follow: 'ours' } });
  });

  it('can be typed where the columns cannot be read', async () => {
    const { last } = await show(
      ColumnsField,
      { title: { column: '', follow: 'ours' } },
      { 'collections:listMeta': () => Promise.reject(networkError()) },
    );
    await change(screen.getByRole('combobox', { name: 'Column: Job title' }), 'position');
    expect(last()).toEqual({ title: { column: 'position', follow: 'ours' } });
  });

  it('follow DingTalk as is chosen', async () => {
    const { last } = await show(ColumnsField, undefined);
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'When it is written: Name' }));
    await settle();
    await click(screen.getByTitle('Always follow DingTalk'));
    expect(last().nickname).toEqual({ column: 'nickname', follow: 'always' });
  });
});

describe('the schedule', () => {
  it('is left to the server until a time is entered', async () => {
    const { values, last } = await show(ScheduleField, undefined);
    expect(document.body.textContent).toContain('between 02:10 and 04:50');
    expect(values).toEqual([]);
    // The server's own, which is not the browser's.
    expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Time zone' }).value).toBe('');
    await change(screen.getByLabelText('Time'), '03:15');
    expect(last()).toEqual({ time: '03:15', zone: expect.any(String) });
  });

  it('is null where it is off, and comes back as it was', async () => {
    const { last } = await show(ScheduleField, { time: '01:00', zone: 'Asia/Shanghai' });
    const box = screen.getByRole('checkbox', { name: 'Every day' });
    await click(box);
    expect(last()).toBeNull();
    expect(screen.queryByLabelText('Time')).toBeNull();
    await click(box);
    expect(last()).toEqual({ time: '01:00', zone: 'Asia/Shanghai' });
  });

  it('takes a time zone that is typed', async () => {
    const { last } = await show(ScheduleField, { time: '01:00', zone: 'UTC' });
    await change(screen.getByRole('combobox', { name: 'Time zone' }), 'Asia/Tokyo');
    expect(last()).toEqual({ time: '01:00', zone: 'Asia/Tokyo' });
    expect(document.querySelector('.ant-select-status-error')).toBeNull();
  });

  it('marks a time zone that there is not', async () => {
    await show(ScheduleField, { time: '01:00', zone: 'Mars/Olympus' });
    expect(document.querySelector('.ant-select-status-error')).not.toBeNull();
  });
});

describe('the brake', () => {
  it('shows the usual numbers, and stores those alone that were entered', async () => {
    const { last } = await show(BrakeField, { percent: 20 });
    expect(screen.getByLabelText('Always allowed').getAttribute('placeholder')).toBe('5');
    await change(screen.getByLabelText('Never more than'), '200');
    expect(last()).toEqual({ percent: 20, most: 200 });
    await change(screen.getByLabelText('Then at most this share, in %'), '');
    fireEvent.blur(screen.getByLabelText('Then at most this share, in %'));
    await settle();
    expect(last()).toEqual({ most: 200 });
  });
});
