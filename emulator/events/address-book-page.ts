import type Router from '@koa/router';
import type { Context } from 'koa';
import { pause } from '../faults/streams';
import { queryOf } from '../http/endpoint';
import { type Html, html, page, setPageHeaders } from '../http/html';
import { applyChange } from '../platform/change-request';
import type { App } from '../platform/data';
import { ROOT } from '../platform/directory';
import type { Platform } from '../platform/platform';
import type { Events } from './events';
import { isSettled } from './log';
import type { Attempt, SentEvent, StreamConnection } from './types';

/** So many events are shown, and so many members are offered. */
const SHOWN = 20;
const OFFERED = 1000;
/** For how long the page that follows a change waits for the answers. */
const WAIT_MS = 1000;

/** Applies a change, and returns its events when they are settled, or when the time is over. */
export async function changeAndWait(platform: Platform, events: Events, change: object, waitMs: number) {
  const { log } = events;
  const known = log.events.length;
  applyChange(platform, change);
  const made = log.events.slice(known);
  await Promise.race([log.until(() => made.every(isSettled)), pause(waitMs)]);
  return made;
}

function channelOf({ name, clientId, callback }: App, connections: StreamConnection[]): Html {
  const open = connections.filter((each) => each.clientId === clientId && each.state === 'open').length;
  const way = callback
    ? html`HTTP: <code>${callback.url}</code>`
    : html`Stream: ${open === 0 ? 'no connection, so that events are lost' : `connections: ${String(open)}`}`;
  return html`<p lang="en"><strong>${name}</strong><br />${way}</p>`;
}

const changeForm = (change: string, label: Html, fields: Html) =>
  html`<form method="post" data-change="${change}">
    <input type="hidden" name="change" value="${change}" />
    ${fields}<button class="main">${label}</button>
  </form>`;

const useridField = html`<input name="userid" list="members" required aria-label="userid" placeholder="userid" />`;
const nameField = (label: string, required: Html) =>
  html`<input name="name" ${required} aria-label="${label}" placeholder="${label}" />`;
const departmentField = (options: Html[]) =>
  html`<select name="department" aria-label="Department">
    ${options}
  </select>`;

function forms(
  { data, directory }: { data: Platform['data']; directory: ReturnType<Platform['directory']> },
  corpId: string,
): Html {
  const below = data.departments.filter((each) => each.corpId === corpId && each.dept_id !== ROOT);
  const option = (id: number, name: string) => html`<option value="${String(id)}">${name} (${String(id)})</option>`;
  const options = below.map(({ dept_id, name }) => option(dept_id, name));
  const withRoot = [option(ROOT, directory.department(ROOT)?.name ?? ''), ...options];
  const members = directory.members().filter(({ membership }) => membership.contact_type === 0);
  return html`<datalist id="members">
      ${members
        .slice(0, OFFERED)
        .map(({ membership: { userid, name } }) => html`<option value="${userid}">${name}</option>`)}
    </datalist>
    <p lang="en">${String(members.length)} members in ${String(withRoot.length)} departments</p>
    <h2>入职 <span lang="en">Somebody joins</span></h2>
    ${changeForm('join', html`Joins`, html`${nameField('Name', html``)} ${departmentField(withRoot)}`)}
    <h2>离职 <span lang="en">Somebody leaves</span></h2>
    ${changeForm('leave', html`Leaves`, useridField)}
    <h2>调岗 <span lang="en">Somebody moves</span></h2>
    ${changeForm('move', html`Moves`, html`${useridField} ${departmentField(withRoot)}`)}
    ${
      options.length === 0
        ? html``
        : html`<h2>部门改名 <span lang="en">A department gets another name</span></h2>
            ${changeForm('rename', html`Rename`, html`${departmentField(options)} ${nameField('New name', html`required`)}`)}`
    }`;
}

const attemptText = ({ connection, fault, answer, tookMs }: Attempt) =>
  [
    answer === undefined ? 'waits for an answer' : `${answer} after ${tookMs ?? 0} ms`,
    ...(connection === undefined ? [] : [`connection ${connection}`]),
    ...(fault ? [`fault ${fault}`] : []),
  ].join(', ');

function eventEntry({ type, data, bornAt, receivers }: SentEvent): Html {
  const ids = [data.userId, data.deptId].flatMap((each) => (Array.isArray(each) ? each.map(String) : []));
  const time = new Date(bornAt).toISOString().slice(11, 19);
  return html`<p data-event="${type}">
    <strong>${type}</strong> ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ` … (${ids.length})` : ''}<br />
    ${time} UTC ${receivers.length === 0 ? html`<br />no app subscribed to it` : html``}
    ${receivers.map(
      ({ clientId, channel, outcome, attempts }) =>
        html`<br />${channel === 'stream' ? 'Stream' : 'HTTP'}, ${clientId}: <strong>${outcome}</strong>${attempts.map(
            (each) => html`<br />– ${attemptText(each)}`,
          )}`,
    )}
  </p>`;
}

function addressBookPage(platform: Platform, events: Events, corpId: string, error?: string): string {
  const { data } = platform;
  const [title, english] = ['通讯录', 'Address book'];
  const organizations = data.organizations.map((each) =>
    each.corpId === corpId
      ? html`<strong>${each.name}</strong> `
      : html`<a href="?corpId=${each.corpId}">${each.name}</a> `,
  );
  const apps = data.apps.filter((app) => app.corpId === corpId && app.published);
  const shown = events.log.events.filter((each) => each.corpId === corpId).slice(-SHOWN);
  return page(
    `${title} ${english}`,
    html`<h1>${title} <span lang="en">${english}</span></h1>
      <p>${organizations}<br /><a lang="en" href="workbench">Workbench</a></p>
      ${error === undefined ? html`` : html`<p role="alert"><strong>${error}</strong></p>`}
      ${forms({ data, directory: platform.directory(corpId) }, corpId)}
      <h2>事件 <span lang="en">Events</span></h2>
      ${apps.map((app) => channelOf(app, events.stream.connections))} ${shown.reverse().map(eventEntry)}
      <p><a lang="en" href="?corpId=${corpId}">Refresh</a></p>`,
  );
}

/** Lets a person change the address book, and shows to whom that was told and what was answered. */
export function addressBookRoutes(router: Router, platform: Platform, events: Events): void {
  const corpIdOf = (ctx: Context) => {
    const { organizations } = platform.data;
    const asked = queryOf(ctx).get('corpId');
    return organizations.find(({ corpId }) => corpId === asked)?.corpId ?? organizations[0].corpId;
  };
  router.get('/address-book', (ctx) => {
    setPageHeaders(ctx);
    ctx.body = addressBookPage(platform, events, corpIdOf(ctx));
  });
  router.post('/address-book', async (ctx) => {
    const corpId = corpIdOf(ctx);
    try {
      await changeAndWait(platform, events, { ...(ctx.request.body as object), corpId }, WAIT_MS);
    } catch (error) {
      setPageHeaders(ctx);
      ctx.status = 400;
      ctx.body = addressBookPage(platform, events, corpId, error instanceof Error ? error.message : String(error));
      return;
    }
    ctx.status = 303;
    ctx.set('Location', `?corpId=${corpId}`);
  });
}
