import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSendable } from './auth-uid';

describe('an Auth UID', () => {
  const server = createServer(({ headers }, response) =>
    response.end(JSON.stringify(String(headers['x-authenticator'] ?? ''))),
  );
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  /** What arrives of a name that is sent as browsers do it; undefined where nothing does. */
  async function arrived(name: string): Promise<string | undefined> {
    try {
      const response = await fetch(url, { headers: { 'X-Authenticator': name } });
      return response.ok ? ((await response.json()) as string) : undefined;
    } catch {
      return undefined;
    }
  }

  it.each(['s_x1y2z3', 'DingTalk-2', 'a b', 'a  b', 'a.b/c:d', '~!"#$%&\'()*+,;<=>?@[]^`{|}'])(
    'arrives as it is: %j',
    async (name) => {
      expect(await arrived(name)).toBe(name);
      expect(isSendable(name)).toBe(true);
    },
  );

  it.each([
    ['of another script', '钉钉'],
    ['with a picture', 'ding🌸'],
    ['with a typographic character', 'd’accord'],
    ['with a blank before it', ' ding'],
    ['with a blank behind it', 'ding '],
    ['with a tab behind it', 'ding\t'],
    ['of blanks alone', '  '],
    ['with a line break', 'ding\ntalk'],
    ['with a line break that begins another header', 'ding\r\nX-Role: root'],
    ['with NUL', 'ding\0'],
    ['with a control character', 'ding\x01talk'],
    ['with DEL', 'ding\x7f'],
  ])('does not arrive as it is, and is refused: %s', async (_, name) => {
    expect(await arrived(name)).not.toBe(name);
    expect(isSendable(name)).toBe(false);
  });

  it.each(['', 'dïng', 'ding\u00a0talk', 'ding\u0085', 'a\tb'])(
    'is refused where HTTP does not promise that it arrives, or nothing does: %j',
    (name) => expect(isSendable(name)).toBe(false),
  );

  it('is judged at once, however long it is', () => {
    const began = performance.now();
    expect(isSendable(`${'a '.repeat(100_000)}\n`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
