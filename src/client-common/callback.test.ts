/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin/dingtalk"}
 */
import { visit } from '../../testing/client/navigation';
import { readCallback } from './callback';

describe('readCallback', () => {
  it('reads what the fragment says', () => {
    visit('/v/signin/dingtalk?x=1#authenticator=a%2Bb&flow=f');
    expect(readCallback()).toEqual({ authenticator: 'a+b', flow: 'f' });
  });

  it('reads nothing where the page was opened without a fragment', () => {
    visit('/signin/dingtalk');
    expect(readCallback()).toEqual({});
  });
});
