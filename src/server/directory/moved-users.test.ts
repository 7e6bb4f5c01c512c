import { MovedUsers } from './moved-users';

type Node = ConstructorParameters<typeof MovedUsers>[0];
type Listener = (message: unknown) => Promise<void>;

/** Two nodes with memories of their own. */
function nodes(isConnected = true) {
  const listeners: { node: number; listener: Listener }[] = [];
  const messages: unknown[] = [];
  const memories = [0, 1].map(() => new Map([1, 2].map((id) => [`departments:${id}`, ['Sales']])));
  const all = memories.map((memory, node) => {
    const app = {
      cache: { del: async (key: string) => memory.delete(key) },
      pubSubManager: { isConnected: async () => isConnected },
      syncMessageManager: {
        subscribe: async (_: string, listener: Listener) => listeners.push({ node, listener }),
        publish: async (_: string, message: unknown) => {
          messages.push(message);
          await Promise.all(
            listeners
              .filter((one) => one.node !== node)
              .map(({ listener }) => listener(JSON.parse(JSON.stringify(message)))),
          );
        },
      },
    };
    return new MovedUsers(app as unknown as Node);
  });
  return { all, listeners, messages, keys: () => memories.map((memory) => [...memory.keys()]) };
}

describe('departments that users left', () => {
  it('are forgotten by all nodes, and no other ones', async () => {
    const { all, keys } = nodes();
    // A node that is told nothing goes on with the roles of the department.
    await all[0].forget(['1']);
    expect(keys()).toEqual([['departments:2'], ['departments:1', 'departments:2']]);
    await Promise.all(all.map((node) => node.listen()));
    await all[0].forget(['1']);
    expect(keys()).toEqual([['departments:2'], ['departments:2']]);
  });

  it('are told in messages that are not too long', async () => {
    const { all, messages } = nodes();
    await all[0].forget(Array.from({ length: 1001 }, (_, index) => String(index)));
    expect(messages.map((message) => (message as { userIds: string[] }).userIds.length)).toEqual([500, 500, 1]);
  });

  it('are told to nobody where there is one node', async () => {
    const { all, messages, keys } = nodes(false);
    await all[0].forget(['1']);
    expect([messages, keys()[0]]).toEqual([[], ['departments:2']]);
  });

  it.each<[unknown]>([[null], [{}], [{ userIds: '1' }], [{ userIds: ['1', '../2'] }]])(
    'are not forgotten for a message of another kind: %j',
    async (message) => {
      const { all, listeners, keys } = nodes();
      await all[1].listen();
      await listeners[0].listener(message);
      expect(keys()[1]).toEqual(['departments:1', 'departments:2']);
    },
  );
});
