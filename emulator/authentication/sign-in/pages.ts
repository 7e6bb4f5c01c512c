import type { Account } from '../../platform/data';
import { type Html, html, page } from '../../http/html';
import type { AuthorizationError, AuthorizationRequest } from './request';

/** Every step posts to the address of the page, whose query is the request; hidden fields carry the steps before. */
const form = (fields: Record<string, string>, buttons: Html[]): Html => {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<form method="post">${hidden}${buttons}</form>`;
};

/** Of dedicated accounts, which sign in on the page of the organization that issued them. */
export const issuersPage = ({ app }: AuthorizationRequest, issuers: { corpId: string; name: string }[]): string =>
  page(
    '专属账号登录 Sign in with a dedicated account',
    html`<h1>选择组织 <span lang="en">Choose your organization</span></h1>
      <p>${app.name}</p>
      ${form(
        {},
        issuers.map(
          ({ corpId, name }) => html`<button name="issuer" value="${corpId}" data-issuer="${corpId}">${name}</button>`,
        ),
      )}`,
  );

/** Of a whole company the page would be too long to choose from. */
const MAX_LISTED = 100;

const otherAccountForm = (fields: Record<string, string>): Html =>
  html`<h2>其他账号 <span lang="en">Another account</span></h2>
    ${form(fields, [
      html`<input name="account" required placeholder="id" aria-label="id" />`,
      html`<button class="other">登录 <span lang="en">Sign in</span></button>`,
    ])}`;

export const accountsPage = ({ app }: AuthorizationRequest, accounts: Account[], issuer: string | undefined): string =>
  page(
    '登录钉钉 Sign in to DingTalk',
    html`<h1>登录钉钉 <span lang="en">Sign in to DingTalk</span></h1>
      <p>${app.name}</p>
      ${form(
        { ...(issuer && { issuer }) },
        accounts
          .slice(0, MAX_LISTED)
          .map(
            ({ id, nick, memberships }) =>
              html`<button name="account" value="${id}" data-account="${id}">
                ${nick}<small>${memberships.map((each) => each.name).find((name) => name !== nick) ?? id}</small>
              </button>`,
          ),
      )}
      ${accounts.length > MAX_LISTED ? otherAccountForm({ ...(issuer && { issuer }) }) : ''}`,
  );

const fieldsOf = ({ id, dedicatedTo }: Account) => ({ account: id, ...(dedicatedTo && { issuer: dedicatedTo }) });

export const organizationsPage = (account: Account, organizations: { corpId: string; name: string }[]): string =>
  page(
    '选择组织 Choose an organization',
    html`<h1>选择组织 <span lang="en">Choose an organization</span></h1>
      <p>${account.nick}</p>
      ${form(
        fieldsOf(account),
        organizations.map(
          ({ corpId, name }) => html`<button name="corpId" value="${corpId}" data-corp="${corpId}">${name}</button>`,
        ),
      )}`,
  );

export const consentPage = ({ app }: AuthorizationRequest, account: Account, corpId?: string): string =>
  page(
    '授权 Authorize',
    html`<h1>${app.name}</h1>
      <p>申请获取你的个人信息 <span lang="en">asks for your personal information</span> — ${account.nick}</p>
      ${form({ ...fieldsOf(account), ...(corpId && { corpId }) }, [
        html`<button class="main" name="decision" value="agree" data-decision="agree">
          同意 <span lang="en">Agree</span>
        </button>`,
        html`<button class="other" name="decision" value="refuse" data-decision="refuse">
          拒绝 <span lang="en">Refuse</span>
        </button>`,
      ])}`,
  );

export const errorPage = ({ message, explanation, code }: AuthorizationError): string =>
  page(
    '登录失败 Sign-in failed',
    html`<h1 role="alert">${message}</h1>
      <p lang="en">${explanation}</p>
      ${code ? html`<p>errorCode ${String(code)}</p>` : ''}`,
  );
