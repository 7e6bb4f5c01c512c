import type { Context } from '@nocobase/actions';

/**
 * A title as NocoBase's pages show it, else the name. It may be a template for their translations: `{{t("Email")}}`,
 * `{{t('Password', {"ns": "auth"})}}`.
 */
export function titleOf(ctx: Context, title: unknown, name: string): string {
  const text = typeof title === 'string' && title ? title : name;
  const [, args] = /^\s*\{\{\s*t\((.*)\)\s*\}\}\s*$/.exec(text) ?? [];
  try {
    const [key, options] = args ? JSON.parse(`[${args.replace(/'([^'"]*)'/g, '"$1"')}]`) : [text, null];
    return args ? ctx.t(String(key), { ns: 'client', ...options }) : text;
  } catch {
    return text;
  }
}

/** What the sign-in page calls an authenticator: its title, else that of its type. */
export const nameOnSignInPage = (
  ctx: Context,
  { name, title, authType }: { name: string; title: string | null; authType: string },
): string => titleOf(ctx, title || ctx.app.authManager.getAuthConfig(authType)?.title, name);
