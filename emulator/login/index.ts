import type { Context } from 'koa';
import type { Account } from '../company';
import { queryOf } from '../endpoint';
import { setPageHeaders } from '../html';
import type { World } from '../world';
import { accountsPage, consentPage, errorPage, organisationsPage } from './pages';
import { LoginError, type LoginRequest, readLoginRequest } from './request';

export const loginPaths = ['/oauth2/auth', '/oauth2/challenge.htm'];

/** Either the next page, or where the browser goes back to. */
type Step = { page: string } | { location: string };

/** Keeps the query of redirect_uri and puts the answer before the hash, where hash routers find none of it. */
function back({ redirectUri, state }: LoginRequest, answer: [string, string][]): Step {
  const parameters = [...answer, ...(state === null ? [] : [['state', state]])];
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const target = new URL(redirectUri);
  target.search += (target.search ? '&' : '?') + query;
  return { location: target.href };
}

function checkMembership({ app }: LoginRequest, account: Account, world: World): void {
  if (!world.admits(app, account))
    throw new LoginError('操作失败，你不在组织内', 'You are not in the organization of this app.', 11055);
}

function organisationsOf(account: Account, request: LoginRequest, { company }: World) {
  const memberships = account.memberships.filter(
    (each) => !each.left && each.contact_type === 0 && (each.admin || !request.managedOnly),
  );
  return company.corps.filter((corp) => memberships.some((each) => each.corpId === corp.corpId));
}

function refuse(request: LoginRequest, { company: { settings } }: World): Step {
  if (settings.refusal === 'page') throw new LoginError('授权已取消', 'The authorization was refused.');
  return back(request, [['error', settings.refusalError]]);
}

function agree(request: LoginRequest, account: Account, corpId: string | undefined, world: World): Step {
  const { clientId } = request.app;
  world.consents.add(`${clientId} ${account.id}`);
  const scope = request.wantsOrganisation ? 'openid corpid' : 'openid';
  const code = world.authorize({ clientId, account: account.id, scope, corpId });
  const names = { both: ['code', 'authCode'], code: ['code'], authCode: ['authCode'] };
  return back(request, names[world.company.settings.codeParameter].map((name) => [name, code])); // prettier-ignore
}

function nextStep(query: URLSearchParams, form: URLSearchParams, world: World): Step {
  const request = readLoginRequest(query, world);
  const account = world.account(form.get('account') ?? '');
  if (!account) return { page: accountsPage(request, world.company.accounts) };
  checkMembership(request, account, world);

  let corpId: string | undefined;
  if (request.wantsOrganisation) {
    const organisations = organisationsOf(account, request, world);
    const wanted =
      request.corpId ?? form.get('corpId') ?? (organisations.length === 1 ? organisations[0].corpId : null);
    if (wanted === null && organisations.length > 0) return { page: organisationsPage(account, organisations) };
    corpId = organisations.find((each) => each.corpId === wanted)?.corpId;
    if (!corpId) throw new LoginError('你不在该组织内', 'You are not in that organization.');
  }

  const { consent } = world.company.settings;
  const decision = form.get('decision');
  if (decision === 'refuse') return refuse(request, world);
  const known =
    consent === 'never' || (consent === 'first' && world.consents.has(`${request.app.clientId} ${account.id}`));
  if (decision !== 'agree' && !known) return { page: consentPage(request, account, corpId) };
  return agree(request, account, corpId, world);
}

/** The whole login host. The status of its error pages is not documented. */
export function login(ctx: Context, world: World): void {
  setPageHeaders(ctx);
  try {
    const form = new URLSearchParams(ctx.is('urlencoded') ? ctx.request.rawBody : '');
    const step = nextStep(queryOf(ctx), form, world);
    if ('page' in step) {
      ctx.body = step.page;
    } else {
      ctx.status = 302;
      ctx.set('Location', step.location);
      ctx.body = '';
    }
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    ctx.status = 400;
    ctx.body = errorPage(error);
  }
}
