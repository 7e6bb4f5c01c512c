import type { ClientPlugin } from './nocobase';
import { loadBeside } from './load-beside';
import { signInButton } from './SignInButton';

/** The sign-in button; inside the DingTalk client, one that may act by itself. */
export async function buttonForHere(plugin: ClientPlugin): Promise<ReturnType<typeof signInButton>> {
  if (/DingTalk/i.test(navigator.userAgent)) {
    try {
      type Inside = typeof import('./inside-dingtalk/InsideDingTalk');
      return await (await loadBeside<Inside>(plugin.app, 'InsideDingTalk.js')).default(plugin);
    } catch {
      // People can still click.
    }
  }
  return signInButton(plugin);
}
