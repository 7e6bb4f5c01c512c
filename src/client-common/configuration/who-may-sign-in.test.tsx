/** @jest-environment jsdom */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { useState } from 'react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError } from '../../../testing/client/fake-plugin';
import type { ClientPlugin } from '../nocobase';
import {
  DedicatedAccountsBox,
  EmailDomainsField,
  MatchByPhoneField,
  ProtectedRolesField,
  SignUpWithoutPhoneBox,
} from './who-may-sign-in';
import { MoreSettings } from '../MoreSettings';

type Nocobase = ReturnType<typeof fakePlugin>;

/** Shows a field as a form does: what it was told comes back as its value. */
function show<Value>(
  Field: (props: { plugin: ClientPlugin; value?: Value | null; onChange?(value: Value): void }) => React.ReactNode,
  given?: Value | null,
  nocobase: Nocobase = fakePlugin(),
) {
  const told: Value[] = [];
  const Form = () => {
    const [value, setValue] = useState(given);
    const change = (next: Value) => {
      told.push(next);
      setValue(next);
    };
    return <Field plugin={nocobase.plugin} value={value} onChange={change} />;
  };
  const view = render(<Form />);
  return { ...nocobase, told, view };
}

describe('existing users with the same phone number', () => {
  const checked = () =>
    screen.getAllByRole<HTMLInputElement>('radio').flatMap((each) => (each.checked ? [each.value] : []));

  it.each(['en-US', 'zh-CN'])('has three choices with a sentence each, in %s', (language) => {
    const { words } = show(MatchByPhoneField, undefined, fakePlugin({ language }));
    const choices = ['Automatic', 'Confirm', 'Never'].map(words);
    for (const [index, radio] of screen.getAllByRole('radio').entries()) {
      const [name, sentence] = [...((radio as HTMLInputElement).labels ?? [])].map((each) => each.textContent ?? '');
      expect(name).toBe(choices[index]);
      expect(sentence.length).toBeGreaterThan(5);
    }
  });

  it.each([
    [undefined, 'automatic'],
    [null, 'automatic'],
    ['confirm' as const, 'confirm'],
    ['never' as const, 'never'],
  ])('shows %j as %s, and stores nothing by that', (given, shown) => {
    const { told } = show(MatchByPhoneField, given);
    expect(checked()).toEqual([shown]);
    expect(told).toEqual([]);
  });

  it('tells what is chosen', async () => {
    const { told } = show(MatchByPhoneField);
    for (const radio of [...screen.getAllByRole('radio')].reverse()) {
      await click(radio);
    }
    expect(told).toEqual(['never', 'confirm', 'automatic']);
  });
});

describe('protected roles', () => {
  const roles = [
    { name: 'root', title: 'Root', isPrivileged: true },
    { name: 'admin', title: 'admin', isPrivileged: true },
    { name: 'finance', title: 'Finance', isPrivileged: false },
    { name: 'member', title: 'member', isPrivileged: false },
  ];

  async function showRoles(given?: string[], answer: unknown = roles) {
    const nocobase = fakePlugin({ answers: { 'dingtalk:getRoles': answer } });
    const shown = show(ProtectedRolesField, given, nocobase);
    await settle();
    return shown;
  }
  const choices = () => {
    fireEvent.mouseDown(screen.getByRole('combobox'));
    return [...document.querySelectorAll('.ant-select-item-option')].map(({ textContent }) => textContent);
  };

  it('are chosen from those that are not protected anyway, which are named', async () => {
    const { told, view, words } = await showRoles();
    expect(view.container.textContent).toContain(`${words('Always protected:')} Root · admin`);
    expect(choices()).toEqual(['Finance', 'member']);
    await click(screen.getByTitle('Finance'));
    expect(told).toEqual([['finance']]);
  });

  it('that are stored are shown and kept, also where NocoBase has no such role now', async () => {
    const { told, view } = await showRoles(['finance', 'gone']);
    expect(view.container.textContent).toContain('Finance');
    expect(view.container.textContent).toContain('gone');
    choices();
    await click(screen.getByTitle('member'));
    expect(told).toEqual([['finance', 'gone', 'member']]);
  });

  it('that cannot be read are said to be so, and those that are stored stay', async () => {
    const { view, words } = await showRoles(['finance'], () => Promise.reject(networkError()));
    expect(screen.getByRole('alert').textContent).toBe(words('CHECK_FAILED'));
    expect(view.container.textContent).toContain('finance');
    expect(view.container.textContent).not.toContain(words('Always protected:'));
  });
});

describe('e-mail domains', () => {
  const enter = (text: string) => {
    const field = screen.getByRole('combobox');
    fireEvent.change(field, { target: { value: text } });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 });
  };

  it('are entered one by one, and as they come: with an at sign, in capitals, as an address, twice', () => {
    const { told } = show(EmailDomainsField, ['example.com']);
    for (const text of ['@Example.ORG', 'ceo@corp.example', 'EXAMPLE.com', '@']) {
      enter(text);
    }
    expect(told.at(-1)).toEqual(['example.com', 'example.org', 'corp.example']);
  });

  it('are entered several at once', () => {
    const { told } = show(EmailDomainsField);
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'a.example, b.example;c.example ' } });
    expect(told.at(-1)).toEqual(['a.example', 'b.example', 'c.example']);
  });
});

describe.each([
  ['signing up without a phone number', SignUpWithoutPhoneBox],
  ['dedicated accounts', DedicatedAccountsBox],
])('%s', (_, Box) => {
  const box = () => screen.getByRole<HTMLInputElement>('checkbox');
  const showBox = (corpId: string | null | undefined, value?: boolean) =>
    show<boolean>((props) => <Box {...props} corpId={corpId} />, value);

  it.each([undefined, null, ''])('cannot be ticked without a Corp ID (%j), and is shown as what it does', (corpId) => {
    showBox(corpId, true);
    expect([box().disabled, box().checked]).toEqual([true, false]);
  });

  it('can be ticked with a Corp ID, and cleared', async () => {
    const { told } = showBox('ding1');
    expect([box().disabled, box().checked]).toEqual([false, false]);
    await click(box());
    expect(box().checked).toBe(true);
    await click(box());
    expect(told).toEqual([true, false]);
  });
});

it('the form warns that a missing permission looks the same as no phone number, where it is ticked', () => {
  const { words, view } = show<boolean>((props) => <SignUpWithoutPhoneBox {...props} corpId="ding1" />, true);
  expect(screen.getByRole('alert').textContent).toBe(words('SIGN_UP_WITHOUT_PHONE'));
  view.unmount();
  show<boolean>((props) => <SignUpWithoutPhoneBox {...props} corpId="ding1" />, false);
  expect(screen.queryByRole('alert')).toBeNull();
});

it('more settings are closed at first, but mounted', async () => {
  const { plugin, words } = fakePlugin();
  render(
    <MoreSettings plugin={plugin}>
      <input aria-label="inside" />
    </MoreSettings>,
  );
  const header = screen.getByRole('button', { name: new RegExp(`${words('More settings')}$`) });
  expect(header.getAttribute('aria-expanded')).toBe('false');
  expect(within(document.body).getByLabelText('inside')).toBeTruthy();
  await click(header);
  expect(header.getAttribute('aria-expanded')).toBe('true');
});
