import { theme, type ThemeConfig } from 'antd';
import type { Look } from '../look';

/** Both shells have antd move faster. Their colors for parts of their own make no difference here. */
const shell: ThemeConfig = { token: { motionUnit: 0.03 } };

/**
 * The theme of a page. The two of a new NocoBase are `compact`, its default, and `dark`, as
 * `plugin-theme-editor/dist/server/builtinThemes.js` has them. v2 has no theme until a user is signed in.
 */
export function antdTheme({ client, theme: name }: Pick<Look, 'client' | 'theme'>, signedIn: boolean): ThemeConfig {
  if (client === 'v2' && !signedIn) {
    return shell;
  }
  return name === 'dark'
    ? { ...shell, algorithm: theme.darkAlgorithm }
    : { algorithm: theme.compactAlgorithm, token: { ...shell.token, fontSize: 16 } };
}
