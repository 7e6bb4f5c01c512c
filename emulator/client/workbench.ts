import type Router from '@koa/router';
import type { Account, Client } from '../company';
import { queryOf } from '../endpoint';
import { html, page, setPageHeaders } from '../html';
import type { World } from '../world';
import { homePageOf } from './home-page';

const clientsNav = (clients: Client[], chosen: Client) =>
  html`<p>
    ${clients.map(({ id }) =>
      id === chosen.id ? html`<strong>${id}</strong> ` : html`<a href="?client=${id}">${id}</a> `,
    )}
  </p>`;

const personForm = (accounts: Account[], { account }: Client) =>
  html`<form method="post">
    <select name="account" aria-label="Person">
      ${accounts.map(
        ({ id, nick }) => html`<option value="${id}" ${id === account ? 'selected' : ''}>${nick} (${id})</option>`,
      )}
    </select>
    <button class="other">切换账号 <span lang="en">Sign in to the client</span></button>
  </form>`;

function workbenchPage({ company }: World, client: Client, emulatorUrl: string): string {
  const { device, account } = client;
  const memberships = company.accounts.find(({ id }) => id === account)?.memberships ?? [];
  const corps = company.corps.filter(({ corpId }) =>
    memberships.some((each) => each.corpId === corpId && !each.left && each.contact_type === 0),
  );
  const appsOf = (corpId: string) =>
    company.apps.flatMap((app) => {
      const address = app.corpId === corpId && app.published ? homePageOf(app) : undefined;
      return address ? [{ name: app.name, address }] : [];
    });
  const command = (address: string) =>
    `npm run dingtalk -- --emulator ${emulatorUrl} --device ${device} --account ${account} --url '${address}'`;
  return page(
    '工作台 Workbench',
    html`<h1>工作台 <span lang="en">Workbench</span></h1>
      ${clientsNav(company.clients, client)} ${personForm(company.accounts, client)}
      ${corps.map(
        (corp) =>
          html`<h2>${corp.name}</h2>
            ${appsOf(corp.corpId).map(
              ({ name, address }) =>
                html`<p><a href="${address}">${name}</a><br /><code>${address}</code></p>
                  <p lang="en">As the DingTalk client:<br /><code>${command(address)}</code></p>`,
            )}`,
      )}
      <h2 lang="en">Not the client</h2>
      <p lang="en">
        A link here opens in this browser, which is not DingTalk: it has another user agent and no JSAPI. The command
        opens a browser that has both.
      </p>`,
  );
}

/** A page for people: who is signed in to which client, and what the workbench would open. */
export function workbenchRoutes(router: Router, world: World): void {
  const chosen = (query: URLSearchParams) => {
    const id = query.get('client') ?? world.company.clients[0]?.id ?? '';
    const client = world.client(id);
    if (!client) throw new Error(`No client has the id "${id}"`);
    return client;
  };
  router.get('/workbench', (ctx) => {
    setPageHeaders(ctx);
    ctx.body = workbenchPage(world, chosen(queryOf(ctx)), `http://${ctx.host}`);
  });
  router.post('/workbench', (ctx) => {
    const { id } = chosen(queryOf(ctx));
    world.putClient(id, ctx.request.body as object);
    ctx.status = 303;
    ctx.set('Location', `?client=${id}`);
  });
}
