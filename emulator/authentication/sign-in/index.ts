import type { Context } from 'koa';
import type { Account } from '../../platform/data';
import { queryOf } from '../../http/endpoint';
import { setPageHeaders } from '../../http/html';
import type { Platform } from '../../platform/platform';
import { accountsPage, consentPage, errorPage, issuersPage, organizationsPage } from './pages';
import { AuthorizationError, type AuthorizationRequest, parseAuthorizationRequest } from './request';

export const signInPaths = ['/oauth2/auth', '/oauth2/challenge.htm'];

/** Either the next page, or where the browser goes back to. */
type Step = { page: string } | { location: string };

/** Keeps the query of redirect_uri and puts the answer before the hash, where hash routers find none of it. */
function back({ redirectUri, state }: AuthorizationRequest, answer: [string, string][]): Step {
  const parameters = [...answer, ...(state === null ? [] : [['state', state]])];
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const target = new URL(redirectUri);
  target.search += (target.search ? '&' : '?') + query;
  return { location: target.href };
}

function checkMembership({ app }: AuthorizationRequest, account: Account, platform: Platform): void {
  if (!platform.admits(app, account)) {
    throw new AuthorizationError('操作失败，你不在组织内', 'You are not in the organization of this app.', 11055);
  }
}

function organizationsOf(account: Account, request: AuthorizationRequest, { data }: Platform) {
  const memberships = account.memberships.filter(
    (each) => !each.left && each.contact_type === 0 && (each.admin || !request.managedOnly),
  );
  return data.organizations.filter((corp) => memberships.some((each) => each.corpId === corp.corpId));
}

function refuse(request: AuthorizationRequest, { data: { settings } }: Platform): Step {
  if (settings.refusal === 'page') {
    throw new AuthorizationError('授权已取消', 'The authorization was refused.');
  }
  return back(request, [['error', settings.refusalError]]);
}

function agree(request: AuthorizationRequest, account: Account, corpId: string | undefined, platform: Platform): Step {
  const { clientId } = request.app;
  platform.consents.add(`${clientId} ${account.id}`);
  const scope = request.wantsOrganization ? 'openid corpid' : 'openid';
  const code = platform.authorize({ clientId, account: account.id, scope, corpId });
  const names = { both: ['code', 'authCode'], code: ['code'], authCode: ['authCode'] };
  const parameters = names[platform.data.settings.codeParameter];
  return back(
    request,
    parameters.map((name) => [name, code]),
  );
}

function nextStep(query: URLSearchParams, form: URLSearchParams, platform: Platform): Step {
  const request = parseAuthorizationRequest(query, platform);
  const { accounts, organizations: all } = platform.data;
  const issuer = request.dedicatedOnly ? (request.dedicatedTo ?? form.get('issuer')) : undefined;
  if (issuer === null) {
    const issuers = all.filter(({ corpId }) => accounts.some(({ dedicatedTo }) => dedicatedTo === corpId));
    return { page: issuersPage(request, issuers) };
  }
  if (issuer !== undefined && !all.some(({ corpId }) => corpId === issuer)) {
    throw new AuthorizationError('组织不存在', 'No organization has this exclusiveCorpId.');
  }
  const listed = accounts.filter(({ dedicatedTo }) => dedicatedTo === issuer);
  const account = listed.find(({ id }) => id === form.get('account'));
  if (!account) {
    return { page: accountsPage(request, listed, issuer) };
  }
  checkMembership(request, account, platform);

  let corpId: string | undefined;
  if (request.wantsOrganization) {
    const organizations = organizationsOf(account, request, platform);
    const wanted =
      request.corpId ?? form.get('corpId') ?? (organizations.length === 1 ? organizations[0].corpId : null);
    if (wanted === null && organizations.length > 0) {
      return { page: organizationsPage(account, organizations) };
    }
    corpId = organizations.find((each) => each.corpId === wanted)?.corpId;
    if (!corpId) {
      throw new AuthorizationError('你不在该组织内', 'You are not in that organization.');
    }
  }

  const { consent } = platform.data.settings;
  const decision = form.get('decision');
  if (decision === 'refuse') {
    return refuse(request, platform);
  }
  const known =
    consent === 'never' || (consent === 'first' && platform.consents.has(`${request.app.clientId} ${account.id}`));
  if (decision !== 'agree' && !known) {
    return { page: consentPage(request, account, corpId) };
  }
  return agree(request, account, corpId, platform);
}

/** Everything on the host login.dingtalk.com. The status of its error pages is not documented: 400 is assumed. */
export function answerSignInPage(ctx: Context, platform: Platform): void {
  setPageHeaders(ctx);
  try {
    const form = new URLSearchParams(ctx.is('urlencoded') ? ctx.request.rawBody : '');
    const step = nextStep(queryOf(ctx), form, platform);
    if ('page' in step) {
      ctx.body = step.page;
    } else {
      ctx.status = 302;
      ctx.set('Location', step.location);
      ctx.body = '';
    }
  } catch (error) {
    if (!(error instanceof AuthorizationError)) {
      throw error;
    }
    ctx.status = 400;
    ctx.body = errorPage(error);
  }
}
