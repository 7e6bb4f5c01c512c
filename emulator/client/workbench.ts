import type Router from '@koa/router';
import { type Account, type Client, homePageOf } from '../platform/data';
import { queryOf } from '../http/endpoint';
import { html, page, setPageHeaders } from '../http/html';
import type { Platform } from '../platform/platform';

const clientsNav = (clients: Client[], chosen: Client) =>
  html`<p>
    ${clients.map(({ id }) =>
      id === chosen.id ? html`<strong>${id}</strong> ` : html`<a href="?client=${id}">${id}</a> `,
    )}
  </p>`;

const accountForm = (accounts: Account[], { account }: Client) =>
  html`<form method="post">
    <select name="account" aria-label="Account">
      ${accounts.map(
        ({ id, nick }) => html`<option value="${id}" ${id === account ? 'selected' : ''}>${nick} (${id})</option>`,
      )}
    </select>
    <button class="other">切换账号 <span lang="en">Sign in to the client</span></button>
  </form>`;

/** In a page, so that it can be copied into a shell or a test. */
function openAsClient(openCommand: string | undefined, emulatorUrl: string, client: Client, address: string): string {
  const { device, account } = client;
  return openCommand
    ? `${openCommand} --emulator ${emulatorUrl} --device ${device} --account ${account} --url '${address}'`
    : `DingTalkClient.open(browser, '${emulatorUrl}', { device: '${device}', account: '${account}' })`;
}

function workbenchPage({ data }: Platform, client: Client, open: (address: string) => string): string {
  const memberships = data.accounts.find(({ id }) => id === client.account)?.memberships ?? [];
  const organizations = data.organizations.filter(({ corpId }) =>
    memberships.some((each) => each.corpId === corpId && !each.left && each.contact_type === 0),
  );
  const appsOf = (corpId: string) =>
    data.apps.flatMap((app) => {
      const address = app.corpId === corpId && app.published ? homePageOf(app) : undefined;
      return address ? [{ name: app.name, address }] : [];
    });
  return page(
    '工作台 Workbench',
    html`<h1>工作台 <span lang="en">Workbench</span></h1>
      <p><a lang="en" href="address-book">Address book</a> <a lang="en" href="inbox">Work notifications</a></p>
      ${clientsNav(data.clients, client)} ${accountForm(data.accounts, client)}
      ${organizations.map(
        ({ corpId, name: organization }) =>
          html`<h2>${organization}</h2>
            ${appsOf(corpId).map(
              ({ name, address }) =>
                html`<p><a href="${address}">${name}</a><br /><code>${address}</code></p>
                  <p lang="en">As the DingTalk client:<br /><code>${open(address)}</code></p>`,
            )}`,
      )}
      <h2 lang="en">Not the client</h2>
      <p lang="en">
        A link here opens in this browser, which is not DingTalk: it has another user agent and no JSAPI. What stands
        under a link opens a browser that has both.
      </p>`,
  );
}

/** Shows which account is signed in to which client, and what that client's workbench would open. */
export function workbenchRoutes(router: Router, platform: Platform, openCommand?: string): void {
  const chosen = (query: URLSearchParams) => {
    const id = query.get('client') ?? platform.data.clients[0]?.id ?? '';
    const client = platform.client(id);
    if (!client) {
      throw new Error(`No client has the id "${id}"`);
    }
    return client;
  };
  router.get('/workbench', (ctx) => {
    setPageHeaders(ctx);
    const client = chosen(queryOf(ctx));
    ctx.body = workbenchPage(platform, client, (address) =>
      openAsClient(openCommand, `http://${ctx.host}`, client, address),
    );
  });
  router.post('/workbench', (ctx) => {
    const { id } = chosen(queryOf(ctx));
    platform.putClient(id, ctx.request.body as object);
    ctx.status = 303;
    ctx.set('Location', `?client=${id}`);
  });
}
