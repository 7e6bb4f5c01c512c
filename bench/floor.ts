/** The least that a sign-in can cost: NocoBase's own part of it, and DingTalk's. */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { BaseAuth, type AuthConfig } from '@nocobase/auth';
import type { Application } from '@nocobase/server';
import { CLIENT_ID, CLIENT_SECRET } from '../testing/nocobase/nocobase';

/** What NocoBase itself costs: a sign-in that finds its user by ID and asks nobody. */
class FloorAuth extends BaseAuth {
  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  override validate() {
    return this.userRepository.findOne({ filterByTk: this.ctx.action.params.values.userId });
  }
}

export function registerFloor(app: Application) {
  app.authManager.registerTypes('floor', { auth: FloorAuth, title: 'Floor' });
}

const agent = new http.Agent({ keepAlive: true });

/** The two calls to DingTalk that a sign-in makes, with the least around them. */
export async function askDingTalkBare(code: string): Promise<void> {
  const { accessToken } = await ask('/v1.0/oauth2/userAccessToken', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      code,
      grantType: 'authorization_code',
    }),
  });
  await ask('/v1.0/contact/users/me', {
    method: 'GET',
    headers: { 'x-acs-dingtalk-access-token': String(accessToken) },
  });
}

async function ask(path: string, { body, ...options }: { method: string; headers: object; body?: string }) {
  const url = new URL(path, process.env.DINGTALK_API_URL);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http
      .request(url, { ...options, headers: { ...options.headers }, agent }, resolve)
      .on('error', reject)
      .end(body);
  });
  const answer: Record<string, unknown> = JSON.parse(await text(response));
  if (response.statusCode !== 200) {
    throw new Error(`${path}: ${response.statusCode}`);
  }
  return answer;
}
