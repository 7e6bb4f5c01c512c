/**
 * @jest-environment jsdom
 */
import { render, screen, within } from '@testing-library/react';
import { click } from '../../testing/client/dom';
import { fakePlugin } from '../../testing/client/fake-plugin';
import { FailureNote } from './FailureNote';

const ID = '0b0e0a1c-5f1d-4a52-9d2e-0e4a6a3c7f10';

/** A browser has it on https and on localhost alone. */
function setClipboard(writeText?: (text: string) => Promise<void>) {
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: writeText && { writeText } });
}

afterEach(() => setClipboard());

function show({ language = 'en-US', code = 'NOT_CONFIGURED' } = {}) {
  const { plugin, words } = fakePlugin({ language });
  const failure = { sentence: words(code), code, time: '2026-11-27 14:05:09 UTC+01:00', requestId: ID };
  render(<FailureNote plugin={plugin} failure={failure} />);
  const fold = screen.getByText(words('For your administrator')).closest('details') as HTMLDetailsElement;
  const lines = [
    words(`${code}_CAUSE`),
    `${words('Code')}: ${code}`,
    `${words('Time')}: ${failure.time}`,
    `${words('Request ID')}: ${ID}`,
  ];
  return { words, fold, failure, lines };
}

it.each(['en-US', 'zh-CN', 'de-DE'])(
  'tells the person one sentence in %s, and folds what is for the administrator',
  async (language) => {
    const { words, fold, failure, lines } = show({ language });
    expect(screen.getByRole('alert').textContent).toBe(failure.sentence);
    expect(failure.sentence).not.toMatch(/Client/);
    expect(fold.open).toBe(false);
    await click(within(fold).getByText(words('For your administrator')));
    expect(fold.open).toBe(true);
    for (const line of lines) {
      expect(within(fold).getByText(line)).toBeTruthy();
    }
  },
);

it('has a screen reader read out the sentence alone, once', () => {
  const { fold } = show();
  expect(screen.getAllByRole('alert')).toHaveLength(1);
  expect(screen.getByRole('alert').contains(fold)).toBe(false);
  expect(fold.closest('[role=alert]')).toBeNull();
  // What a browser folds and unfolds by the keyboard too, and names as such.
  expect(fold.firstElementChild?.tagName).toBe('SUMMARY');
});

it('copies all of it as plain text, and says so', async () => {
  const writeText = jest.fn().mockResolvedValue(undefined);
  setClipboard(writeText);
  const { failure, lines } = show();
  expect(screen.getByRole('status').textContent).toBe('');
  await click(screen.getByText('Copy'));
  expect(writeText.mock.calls).toEqual([[[failure.sentence, ...lines].join('\n')]]);
  expect(screen.getByRole('status').textContent).toBe('Copied');
});

it('says where it could not copy', async () => {
  setClipboard(() => Promise.reject(new Error('denied')));
  const { words } = show();
  await click(screen.getByText('Copy'));
  expect(screen.getByRole('status').textContent).toBe(
    words('Could not copy. Please select the text and copy it yourself.'),
  );
});

it('T25: shows what the server says as text', () => {
  const { plugin } = fakePlugin();
  const sentence = '<img src=x onerror=alert(1)>';
  const { container } = render(<FailureNote plugin={plugin} failure={{ sentence, code: sentence, time: sentence }} />);
  expect(container.querySelector('img')).toBeNull();
  expect(screen.getByRole('alert').textContent).toBe(sentence);
});
