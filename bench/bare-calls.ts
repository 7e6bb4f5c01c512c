import http from 'node:http';
import { text } from 'node:stream/consumers';
import { CLIENT_ID, CLIENT_SECRET } from '../testing/nocobase/nocobase';

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
