/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin/dingtalk"}
 */
import { visit } from '../../testing/client/navigation';
import { takeCallback } from './callback';

describe('takeCallback', () => {
  it('T05: takes what the fragment says, and leaves nothing of it in the address bar and the history', () => {
    visit('/v/signin/dingtalk?x=1#authenticator=dingtalk&code=a%2Bb&state=s');
    const entries = history.length;
    expect(Object.fromEntries(takeCallback())).toEqual({ authenticator: 'dingtalk', code: 'a+b', state: 's' });
    expect(location.href).toBe('https://nocobase.example.com/v/signin/dingtalk');
    expect(history.length).toBe(entries);
  });

  it('keeps the state of the history entry, which NocoBase’s router needs', () => {
    history.replaceState({ key: 'router' }, '', '/signin/dingtalk#code=x');
    takeCallback();
    expect(history.state).toEqual({ key: 'router' });
  });

  it('gives nothing where the page was opened without a fragment', () => {
    visit('/signin/dingtalk');
    expect([...takeCallback()]).toEqual([]);
  });
});
