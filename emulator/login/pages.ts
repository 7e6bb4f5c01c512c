import type { Account } from '../company';
import type { LoginError, LoginRequest } from './request';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

class Html {
  constructor(readonly source: string) {}
}

/** Every value is escaped unless it is HTML from here. */
function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const safe = (value: string | Html | Html[]): string =>
    Array.isArray(value)
      ? value.map((each) => each.source).join('')
      : value instanceof Html
        ? value.source
        : escape(value);
  return new Html(strings.reduce((text, part, index) => text + safe(values[index - 1] ?? '') + part));
}

const style = new Html(`<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f2f4f7, #17191c); }
  main { width: min(22rem, 100vw - 4rem); padding: 2rem; border-radius: 1rem; background: light-dark(#fff, #24272b); }
  h1 { margin: 0 0 .25rem; font-size: 1.25rem; }
  p { margin: 0 0 1.25rem; opacity: .75; overflow-wrap: anywhere; }
  form { display: grid; gap: .5rem; }
  button { font: inherit; text-align: start; padding: .6rem .9rem; border: 1px solid #8886; border-radius: .6rem;
    background: none; color: inherit; cursor: pointer; overflow-wrap: anywhere; }
  button:hover, button:focus-visible { border-color: #1677ff; }
  button small { display: block; opacity: .65; }
  .main { text-align: center; color: #fff; background: #1677ff; border-color: #1677ff; }
  .other { text-align: center; }
</style>`);

const page = (title: string, content: Html): string =>
  html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `.source;

/** Every step posts back to the address of the page, whose query is the request; fields carry the steps before. */
const form = (fields: Record<string, string>, buttons: Html[]): Html => {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<form method="post">${hidden}${buttons}</form>`;
};

export const accountsPage = ({ app }: LoginRequest, accounts: Account[]): string =>
  page(
    '登录钉钉 Sign in to DingTalk',
    html`<h1>登录钉钉 <span lang="en">Sign in to DingTalk</span></h1>
      <p>${app.name}</p>
      ${form(
        {},
        accounts.map(
          ({ id, nick, memberships }) =>
            html`<button name="account" value="${id}" data-account="${id}">
              ${nick}<small>${memberships.map((each) => each.name).find((name) => name !== nick) ?? id}</small>
            </button>`,
        ),
      )}`,
  );

export const organisationsPage = (account: Account, organisations: { corpId: string; name: string }[]): string =>
  page(
    '选择组织 Choose an organization',
    html`<h1>选择组织 <span lang="en">Choose an organization</span></h1>
      <p>${account.nick}</p>
      ${form(
        { account: account.id },
        organisations.map(
          ({ corpId, name }) => html`<button name="corpId" value="${corpId}" data-corp="${corpId}">${name}</button>`,
        ),
      )}`,
  );

export const consentPage = ({ app }: LoginRequest, account: Account, corpId?: string): string =>
  page(
    '授权 Authorize',
    html`<h1>${app.name}</h1>
      <p>申请获取你的个人信息 <span lang="en">asks for your personal information</span> — ${account.nick}</p>
      ${form({ account: account.id, ...(corpId && { corpId }) }, [
        html`<button class="main" name="decision" value="agree" data-decision="agree">
          同意 <span lang="en">Agree</span>
        </button>`,
        html`<button class="other" name="decision" value="refuse" data-decision="refuse">
          拒绝 <span lang="en">Refuse</span>
        </button>`,
      ])}`,
  );

export const errorPage = ({ message, explanation, code }: LoginError): string =>
  page(
    '登录失败 Sign-in failed',
    html`<h1 role="alert">${message}</h1>
      <p lang="en">${explanation}</p>
      ${code ? html`<p>errorCode ${String(code)}</p>` : ''}`,
  );
