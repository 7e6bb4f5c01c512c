import type { ClientPlugin } from '../nocobase';
import { loadBeside } from '../load-beside';
import { signInButton } from './SignInButton';

/** The sign-in button; inside the DingTalk client, one that may act by itself. */
export const buttonForHere = async (plugin: ClientPlugin) => {
  const button = signInButton(plugin);
  return /DingTalk/i.test(navigator.userAgent)
    ? loadBeside<typeof import('../inside-dingtalk/InsideDingTalk')>(plugin, 'InsideDingTalk.js')
        // People can still click.
        .catch(() => button)
    : button;
};
