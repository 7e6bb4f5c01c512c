import type { Context } from '@nocobase/actions';
import { tokenOf } from './token';

const jwt = (payload: unknown) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;

const session = jwt({ userId: 1, temp: true, iat: 1_700_000_005, signInTime: 1_700_000_000_123 });
const apiKey = jwt({ userId: 1, roleName: 'admin', iat: 1_700_000_000 });
const oauth = jwt({ iss: 'https://nocobase.example.com', sub: '1', iat: 1_600_000_000 });

const tokenOfRequest = (bearer?: string, rawHeaders?: string[]) =>
  tokenOf({ getBearerToken: () => bearer, ...(rawHeaders && { req: { rawHeaders } }) } as unknown as Context);

describe('tokenOf', () => {
  it.each<[string, string | undefined, string[] | undefined, ReturnType<typeof tokenOf>]>([
    ['a session, which a renewal does not begin anew', session, [], { isSession: true, began: 1_700_000_000_123 }],
    ['an API key', apiKey, [], { isSession: false, began: 1_700_000_000_000 }],
    ['a web socket, which has no headers', session, undefined, { isSession: true, began: 1_700_000_000_123 }],
    [
      'the header that NocoBase read',
      session,
      ['Host', 'x', 'Authorization', `Bearer ${session}`],
      { isSession: true, began: 1_700_000_000_123 },
    ],
    [
      'a token of OAuth, which NocoBase replaced by a session that begins now',
      session,
      ['authorization', `bearer ${oauth}`],
      { isSession: false, began: 1_600_000_000_000 },
    ],
    [
      'a header that has the name as its value',
      session,
      ['X', 'Authorization', 'Y', oauth],
      { isSession: true, began: 1_700_000_000_123 },
    ],
    ['a token of which nothing is known', jwt({ userId: 1 }), [], undefined],
    ['what is no token', 'abc', [], undefined],
    ['what is no JSON', 'a.b.c', [], undefined],
    ['null', jwt(null), [], undefined],
    ['nothing', undefined, [], undefined],
    ['a header that is no token', session, ['Authorization', 'Basic abc'], undefined],
  ])('%s', (_, bearer, rawHeaders, token) => {
    expect(tokenOfRequest(bearer, rawHeaders)).toEqual(token);
  });
});
