import type Router from '@koa/router';
import { queryOf } from '../http/endpoint';
import { type Html, html, page, setPageHeaders } from '../http/html';
import type { Platform } from '../platform/platform';
import { notificationsOf, type WorkNotification } from './notifications';

/** So many messages are shown, the latest first. */
const SHOWN = 50;

/** The page behind an address that the DingTalk app opens by itself: in a window of the app, in the panel, in the browser. */
export function pageOf(address: string): string {
  if (!/^dingtalk:/i.test(address) || !URL.canParse(address)) {
    return address;
  }
  const { searchParams } = new URL(address);
  return searchParams.get('redirect_url') ?? searchParams.get('url') ?? address;
}

const isWeb = (address: string) => /^https?:\/\//i.test(address);

/** A link to the page behind an address, with the address below it. */
function link(label: string, address: string): Html {
  const target = pageOf(address);
  const name = label || target;
  return html`${isWeb(target) ? html`<a href="${target}">${name}</a>` : html`<strong>${name}</strong>`}${
    target === address ? html`` : html`<br /><code>${address}</code>`
  }`;
}

/** A line of Markdown: headings, bold words, links and pictures. The rest is shown as it is. */
function line(text: string): Html {
  const [, heading] = /^#{1,6}\s+(.*)$/.exec(text) ?? [];
  if (heading !== undefined) {
    return html`<strong>${inline(heading)}</strong><br />`;
  }
  return html`${inline(text)}<br />`;
}

function inline(text: string): Html[] {
  const parts: Html[] = [];
  let end = 0;
  for (const { 0: whole, 1: mark, 2: label, 3: address, 4: bold, index } of text.matchAll(
    /(!?)\[([^\]]*)\]\(([^)\s]*)\)|\*\*([^*]+)\*\*/g,
  )) {
    parts.push(html`${text.slice(end, index)}`);
    parts.push(bold === undefined ? link(mark ? `🖼 ${label}` : label, address) : html`<strong>${bold}</strong>`);
    end = index + whole.length;
  }
  return [...parts, html`${text.slice(end)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const fieldsOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);
const lines = (value: unknown): Html[] => textOf(value).split('\n').map(line);

function bodyOf(msg: Record<string, unknown>): Html {
  const fields = fieldsOf(msg[textOf(msg.msgtype)]);
  switch (msg.msgtype) {
    case 'text':
      return html`${textOf(fields.content)
        .split('\n')
        .map((each) => html`${each}<br />`)}`;
    case 'markdown':
      return html`${lines(fields.text)}`;
    case 'action_card': {
      const several = listOf(fields.btn_json_list).map((each) => link(textOf(each.title), textOf(each.action_url)));
      const buttons = several.length ? several : [link(textOf(fields.single_title), textOf(fields.single_url))];
      return html`${lines(fields.markdown)} ${buttons.map((button) => html`<br />▸ ${button}`)}`;
    }
    case 'oa': {
      const body = fieldsOf(fields.body);
      const rows = listOf(body.form).map(
        ({ key, value }) => html`${textOf(key)} <strong>${textOf(value)}</strong><br />`,
      );
      return html`<strong>${textOf(body.title)}</strong><br />${rows}${textOf(body.content)}<br />
        <small>${textOf(body.author)}</small><br />▸ ${link('', textOf(fields.message_url))}`;
    }
    default:
      return html`<code>${JSON.stringify(msg)}</code>`;
  }
}

const entry = ({ task, msg, at }: WorkNotification): Html =>
  html`<section data-task="${String(task)}">
    <h2>${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC</h2>
    <p>${bodyOf(msg)}</p>
  </section>`;

/** 工作通知: what a person has in the DingTalk app. Whoever looks at it has read it. */
export function inboxRoutes(router: Router, platform: Platform): void {
  router.get('/inbox', (ctx) => {
    setPageHeaders(ctx);
    const notifications = notificationsOf(platform);
    const query = queryOf(ctx);
    const { organizations } = platform.data;
    const corpId = query.get('corpId') || organizations[0].corpId;
    const all = notifications.all().filter((one) => one.corpId === corpId);
    const userids = [...new Set(all.map(({ userid }) => userid))];
    const userid = query.get('userid') || userids.at(-1) || '';
    const own = notifications.inbox(userid, corpId);
    own.forEach(({ task }) => notifications.read(userid, task));
    const nameOf = (id: string) => platform.directory(corpId).member(id)?.membership.name ?? id;
    ctx.body = page(
      '工作通知 Work notifications',
      html`<h1>工作通知 <span lang="en">Work notifications</span></h1>
        <p>
          ${userids.map((id) =>
            id === userid
              ? html`<strong>${nameOf(id)}</strong> `
              : html`<a href="?corpId=${corpId}&userid=${id}">${nameOf(id)}</a> `,
          )}<br /><a lang="en" href="workbench">Workbench</a>
        </p>
        <p lang="en">
          ${own.length === 0 ? 'Nothing here. ' : ''}The organization made ${String(notifications.callsOf(corpId))}
          counted calls in this month.
        </p>
        ${own.slice(-SHOWN).reverse().map(entry)}`,
    );
  });
}
