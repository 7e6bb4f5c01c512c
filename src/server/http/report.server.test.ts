import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';

// What a stranger's request leaves in the files of NocoBase's logs. The request log has two lines of every request, ours
// among them; here it is about the others.

interface Request {
  /** What the test calls it. */
  what?: string;
  path: string;
  authenticator?: string;
  method?: string;
  body?: string;
}

const state = 'y'.repeat(43);

const failing: Request[] = [
  { path: 'auth:signIn' },
  { path: 'auth:signIn', body: '{}' },
  { path: 'auth:signIn', body: '[]' },
  { path: 'auth:signIn', body: '{"code":"x","state":"y"}' },
  { what: 'a code of 5 kB', path: 'auth:signIn', body: JSON.stringify({ code: 'x'.repeat(5000), state }) },
  { path: 'auth:signIn', body: JSON.stringify({ code: 'x', state }) },
  { path: 'auth:signIn', method: 'GET' },
  { path: 'dingtalk:getAuthUrl', body: '{}' },
  { path: 'dingtalk:getAuthUrl', method: 'GET' },
  { path: 'dingtalk:getState', body: '{"page":7}' },
  { path: 'dingtalk:redirect', method: 'GET' },
  { path: 'dingtalk:redirect?state=%00', method: 'GET' },
];

/** NocoBase itself refuses these. */
const refused: Request[] = [
  { path: 'auth:signIn', body: '{"code":' },
  { path: 'auth:signIn', body: '"x"' },
  { path: 'dingtalk:getAuthUrl', body: '{"a' },
  { path: 'dingtalk:getLinks', method: 'GET' },
  { path: 'dingtalk:getLinkUrl', body: '{}' },
  { path: 'dingtalk:link', body: '{}' },
  { path: 'dingtalk:unlink' },
  { path: 'dingtalk:unlinkUser', body: '{"user":1}' },
  { path: 'dingtalk:getLinkedUsers' },
  { path: 'dingtalk:checkConfiguration', body: '{"options":{}}' },
  { path: 'dingtalk:nonsense', body: '{}' },
];

const withPassword: Request = { path: 'auth:signIn', authenticator: 'basic', body: '{"account":"x","password":"y"}' };

const STACK = /\\n {4}at /;

let nocobase: NocoBase;
let text: string;
/** Of each request, its number in the query of its address. */
const numbers = new Map<Request, number>();

beforeAll(async () => {
  nocobase = await startNocoBase();
  await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  for (const request of [withPassword, ...failing, ...refused]) {
    const { path, authenticator = 'dingtalk', method = 'POST', body } = request;
    const headers = { 'content-type': 'application/json', 'x-authenticator': authenticator };
    numbers.set(request, numbers.size);
    const query = `${path.includes('?') ? '&' : '?'}number=${numbers.get(request)}`;
    await fetch(`${nocobase.url}/api/${path}${query}`, { method, body, headers, redirect: 'manual' });
  }
  text = await nocobase.logs.text();
}, 60_000);

afterAll(() => nocobase?.stop());

/** The lines that a request left: in all files, how many bytes; and those that are not of the request log. */
function linesOf(request: Request) {
  const [, id] = new RegExp(`number=${numbers.get(request)}".*"reqId":"([\\w-]+)"`).exec(text) ?? [];
  const lines = text.split('\n').filter((line) => line.includes(`"reqId":"${id}"`));
  expect(lines.length).toBeGreaterThanOrEqual(2);
  const others = lines.filter((line) => !/^\{"level":"\w+","message":"(request|response) /.test(line));
  return { others, bytes: lines.join('\n').length };
}

it('T37: NocoBase’s own sign-in leaves a stack, and more than 2 kB', () => {
  const { others, bytes } = linesOf(withPassword);
  expect([others.some((line) => STACK.test(line)), bytes > 2000]).toEqual([true, true]);
});

const titled = (requests: Request[]) =>
  requests.map((request) => [request.what ?? JSON.stringify(request), request] as const);

it.each(titled(failing))('T37: one line without a stack is left by %s', (_, request) => {
  const { others, bytes } = linesOf(request);
  expect(others).toEqual([expect.stringContaining('"message":"DingTalk sign-in"')]);
  expect(others[0]).not.toMatch(STACK);
  expect(bytes).toBeLessThan(1600);
});

it.each(titled(refused))('T37: nothing but the request log is left by %s', (_, request) => {
  const { others, bytes } = linesOf(request);
  expect(others).toEqual([]);
  expect(bytes).toBeLessThan(1000);
});
