import type { Context } from '@nocobase/actions';
import type { Application } from '@nocobase/server';
import { type ErrorCode, keyForAdministrators, type LossCode, type MessageText } from '../../shared/codes';
import { PACKAGE_NAME } from '../../shared/constants';
import english from '../../locale/en-US.json';
import { backgroundContext } from '../http/background';

/** Says something of messages. */
export type Say = (key: ErrorCode | LossCode | MessageText, values?: object) => string;

/** In the language of a request. Names and numbers are shown as they are. */
export const sayIn =
  (ctx: Context): Say =>
  (code, values = {}) => {
    const key = keyForAdministrators(code);
    return ctx.t(key, {
      ns: PACKAGE_NAME,
      defaultValue: english[key],
      interpolation: { escapeValue: false, skipOnVariables: true },
      ...values,
    });
  };

/** In NocoBase's own language: of a message, nobody knows who reads the log. */
export async function sayForLog(app: Application): Promise<Say> {
  // A language of which no page was opened yet has no sentences.
  await app.localeManager.loadResourcesByLang(process.env.APP_LANG || 'en-US');
  return sayIn(backgroundContext(app));
}

/** With the code, which an administrator can look up. */
export const sentenceOf = (say: Say, code: ErrorCode | LossCode): string => `${say(code)} (${code})`;
