/** The least that a run can cost: the calls to DingTalk bare, and NocoBase's own creation of users. */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { Database, Model } from '@nocobase/database';
import { CLIENT_ID, CLIENT_SECRET } from '../../testing/nocobase/nocobase';
import { atATime } from '../../testing/nocobase/at-a-time';

/** As many as a run has under way: of two endpoints, eight of each. */
const AT_ONCE = 16;

const agent = new http.Agent({ keepAlive: true });

/** Reads all of the directory with the least around it. @returns how many members there are */
export async function readBare(departments: number[]): Promise<number> {
  const { accessToken } = await ask('/v1.0/oauth2/accessToken', { appKey: CLIENT_ID, appSecret: CLIENT_SECRET });
  const topapi = (path: string, body: object) => ask(`/topapi/v2/${path}?access_token=${String(accessToken)}`, body);
  const members = new Set<string>();
  const works = departments.flatMap((dept_id) => [
    () => topapi('department/listsub', { dept_id }),
    async () => {
      for (let cursor: number | undefined = 0; cursor !== undefined;) {
        const answer = await topapi('user/list', { dept_id, cursor, size: 100 });
        const page = answer.result as { list: { userid: string }[]; has_more: boolean; next_cursor?: number };
        page.list.forEach(({ userid }) => members.add(userid));
        cursor = page.has_more ? page.next_cursor : undefined;
      }
    },
  ]);
  await atATime<() => Promise<unknown>, unknown>(AT_ONCE, works, (work) => work());
  return members.size;
}

async function ask(path: string, body: object): Promise<Record<string, unknown>> {
  const url = new URL(path, process.env.DINGTALK_OAPI_URL);
  const headers = { 'content-type': 'application/json' };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.request(url, { method: 'POST', headers, agent }, resolve).on('error', reject).end(JSON.stringify(body));
  });
  return JSON.parse(await text(response)) as Record<string, unknown>;
}

const BATCH = 100;

/** Creates users as NocoBase does it, with roles and hooks, a hundred in a transaction. */
export async function createUsers(db: Database, count: number): Promise<Model[]> {
  const users: Model[] = [];
  for (let begin = 0; begin < count; begin += BATCH) {
    await db.sequelize.transaction(async (transaction) => {
      for (let index = begin; index < Math.min(begin + BATCH, count); index++) {
        const values = { nickname: `Floor ${index}`, phone: `199${String(index).padStart(8, '0')}` };
        users.push(await db.getRepository('users').create({ values, transaction }));
      }
    });
  }
  return users;
}

export async function removeUsers(db: Database, users: Model[]): Promise<void> {
  const ids = users.map((user) => user.get('id') as number);
  await db.getModel('rolesUsers').destroy({ where: { userId: ids } });
  await db.getModel('users').destroy({ where: { id: ids } });
}
