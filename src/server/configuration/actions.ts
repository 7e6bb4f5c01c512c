import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { isSendable } from '../../shared/auth-uid';
import { AUTH_TYPE, REDIRECT_ACTION, RESOURCE } from '../../shared/constants';
import type { AuthenticatorOptions, RoleChoice } from '../../shared/contract';
import { Privileges } from '../accounts/privileges';
import { definePostAction, noBody } from '../http/actions';
import { redirectUri, requireOwnAddress } from '../http/addresses';
import { isPrivate } from '../dingtalk/http';
import { CodedError } from '../http/coded-error';
import { setNoStore, takeBody } from '../http/privacy';
import { refuse, toFinding } from '../http/report';
import { checkSettings } from './check';
import { findingsOfNocoBase, type Found } from './findings';
import { readNocoBase } from './nocobase';
import { parseSettings, type Settings } from './settings';
import { titleOf } from './titles';

/** What the settings form asks before it is saved. */
const CHECK_ACTION = `${RESOURCE}:checkConfiguration`;
const TEST_ACTION = `${RESOURCE}:testSignIn`;

const bodySchema = z.object({
  options: z.record(z.string(), z.unknown()),
  redirectUri,
  authenticator: z.string().nullish(),
});

/**
 * Takes the form, and with it the Client Secret, out of the request before NocoBase checks the session: NocoBase logs and
 * audits the body of a request that it refuses as well.
 */
export async function takeForm(ctx: Context, next: Next): Promise<void> {
  const { resourceName, actionName } = ctx.action;
  if ([CHECK_ACTION, TEST_ACTION].includes(`${resourceName}:${actionName}`)) {
    ctx.state.dingtalkForm = takeBody(ctx);
  }
  await next();
}

/**
 * `POST dingtalk:checkConfiguration` tells an administrator what is wrong with options before they are saved. The answer
 * repeats nothing of the form. The page's origin is not checked: that it is not trusted is one of the findings.
 */
export const checkConfiguration = { name: 'checkConfiguration', handler: handleCheck } as const;

async function handleCheck(ctx: Context, next: Next): Promise<void> {
  setNoStore(ctx);
  try {
    const { data: body } = bodySchema.safeParse(ctx.method === 'POST' && ctx.state.dingtalkForm);
    if (!body) {
      throw new CodedError('REQUEST_INVALID');
    }
    // Before DingTalk is asked: a Redirect URL that is none of ours refuses the request.
    const ofRedirectUrl = checkRedirectUrl(ctx, body.redirectUri);
    const settings = readSettings(ctx, body.options);
    const ofSettings: Found[] = settings ? await findIn(ctx, settings, body.options) : [{ code: 'VALUES_MISSING' }];
    const found = [...findingsOfName(body.authenticator ?? undefined), ...ofSettings, ...ofRedirectUrl];
    ctx.logger.info('DingTalk configuration check', { found: found.map(({ code, detail }) => ({ code, ...detail })) });
    ctx.body = found.map((one) => toFinding(ctx, one));
  } catch (error) {
    refuse(ctx, 'configuration check', error);
  }
  await next();
}

/** An authenticator that was saved before such names were refused, or by an import. */
const findingsOfName = (name?: string): Found[] =>
  name === undefined || isSendable(name) ? [] : [{ code: 'AUTH_UID_INVALID' }];

async function findIn(ctx: Context, settings: Settings, entered: object): Promise<Found[]> {
  const nocobase = await readNocoBase(ctx, settings, entered);
  return [...(await checkSettings(settings, nocobase.unpublished)), ...findingsOfNocoBase(settings, nocobase)];
}

/** @returns undefined where a value is missing, which the check tells; what else goes wrong is a fault of the check */
function readSettings(ctx: Context, options: AuthenticatorOptions): Settings | undefined {
  const rendered = ctx.app.environment.renderJsonTemplate(options);
  try {
    return parseSettings(rendered, options);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'NOT_CONFIGURED') {
      return undefined;
    }
    throw error;
  }
}

function checkRedirectUrl(ctx: Context, redirectUri: string): Found[] {
  try {
    requireOwnAddress(ctx, redirectUri, `/${REDIRECT_ACTION}`);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'ORIGIN_NOT_TRUSTED') {
      return [{ code: error.code, detail: error.detail }];
    }
    throw error;
  }
  return [
    { code: isPrivate(new URL(redirectUri)) ? 'REDIRECT_URL_TRUSTED' : 'REDIRECT_URL_READABLE' },
    { code: 'REDIRECT_URL_UNSEEN' },
  ];
}

/** `POST dingtalk:getRoles` answers every role, for the choice of those whose users are never matched by phone. */
export const getRoles = definePostAction('getRoles', {
  topic: 'configuration check',
  body: noBody,
  async run(ctx): Promise<RoleChoice[]> {
    const privileged = await new Privileges(ctx.db).roles();
    const roles: Model[] = await ctx.db.getModel('roles').findAll({ order: ['name'] });
    return roles.map((role) => {
      const name = String(role.get('name'));
      return { name, title: titleOf(ctx, role.get('title'), name), isPrivileged: privileged.has(name) };
    });
  },
});

/**
 * `POST dingtalk:listAuthenticators`, for whoever chooses one for a source or a channel, and may not open its settings.
 */
export const listAuthenticators = definePostAction('listAuthenticators', {
  topic: 'configuration check',
  body: noBody,
  async run(ctx) {
    const rows: Model[] = await ctx.db
      .getModel('authenticators')
      .findAll({ where: { authType: AUTH_TYPE, enabled: true }, order: ['sort'] });
    return rows.map((row) => {
      const name = String(row.get('name'));
      const corpId = row.get('options')?.dingtalk?.corpId;
      return { name, title: titleOf(ctx, row.get('title'), name), hasCorpId: Boolean(corpId) };
    });
  },
});
