import type { Context, Next } from '@nocobase/actions';
import { z } from 'zod';
import { CHECK_ACTION, PACKAGE_NAME, REDIRECT_ACTION } from '../../shared/constants';
import { takeBody } from '../http/body';
import { checkSettings, type Finding } from './check';
import { isPrivate } from '../dingtalk/hosts';
import { SignInError } from '../http/errors';
import { findingCodes } from '../../shared/codes';
import { refusal } from '../http/report';
import { type Settings, settingsOf } from './settings';
import { assertOurs, redirectUri } from '../authorization/addresses';
import { keepPrivate } from '../http/keep-private';

const body = z.object({
  /** An authenticator's options as the form would save them. */
  options: z.record(z.string(), z.unknown()),
  redirectUri,
});

/** Takes the form, and with it the Client Secret, out of what NocoBase logs and audits, also where it refuses. */
export async function takeForm(ctx: Context, next: Next) {
  const { resourceName, actionName } = ctx.action;
  if (`${resourceName}:${actionName}` === CHECK_ACTION) {
    ctx.state.dingtalkForm = takeBody(ctx);
  }
  await next();
}

/**
 * `POST dingtalk:checkConfiguration` tells an administrator what is wrong with an authenticator's options before they
 * are saved: answers `[{ code, outcome, message, page? }]`. Nothing of what came in comes back.
 */
export async function checkConfiguration(ctx: Context, next: Next) {
  keepPrivate(ctx);
  try {
    const { data } = body.safeParse(ctx.method === 'POST' && ctx.state.dingtalkForm);
    if (!data) {
      throw new SignInError('REQUEST_INVALID');
    }
    const redirectUrl = lookAtRedirectUrl(ctx, data.redirectUri);
    const settings = readSettings(ctx.app.environment.renderJsonTemplate(data.options), data.options);
    const found: Finding[] = settings ? await checkSettings(settings) : [{ code: 'VALUES_MISSING' }];
    found.push(...redirectUrl);
    ctx.logger.info('DingTalk configuration check', { found: found.map(({ code, detail }) => ({ code, ...detail })) });
    ctx.body = found.map(({ code, values }) => ({
      code,
      ...findingCodes[code],
      message: ctx.t(code, { ns: PACKAGE_NAME, interpolation: { escapeValue: false }, ...values }),
    }));
  } catch (error) {
    const { status, message, code } = refusal(ctx, error, { what: 'configuration check' });
    ctx.throw(status, message, { code });
  }
  await next();
}

function readSettings(...options: Parameters<typeof settingsOf>): Settings | undefined {
  try {
    return settingsOf(...options);
  } catch {
    return undefined;
  }
}

function lookAtRedirectUrl(ctx: Context, redirectUri: string): Finding[] {
  try {
    assertOurs(ctx, redirectUri, `/${REDIRECT_ACTION}`);
  } catch (error) {
    if (error instanceof SignInError && error.code === 'ORIGIN_NOT_TRUSTED') {
      return [{ code: error.code, detail: error.detail }];
    }
    throw error;
  }
  return [
    { code: isPrivate(new URL(redirectUri)) ? 'REDIRECT_URL_TRUSTED' : 'REDIRECT_URL_READABLE' },
    { code: 'REDIRECT_URL_UNSEEN' },
  ];
}
