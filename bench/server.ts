/** The process that is measured: a NocoBase with the plugin, and beside it the least that a sign-in can cost. */
import { AUTH_TYPE } from '../src/constants';
import { type Dialect } from '../src/server/__tests__/support/databases';
import { startNocoBase } from '../src/server/__tests__/support/nocobase';
import { registerFloor } from './floor';

export interface Stats {
  /** Milliseconds of processor time since the start. */
  cpu: number;
  /** SQL statements since the start. */
  statements: number;
  /** MiB in use after a garbage collection. */
  heap: number;
}

export interface Started {
  url: string;
  /** ID of the user whom the floor signs in. */
  userId: number;
}

async function main() {
  const nocobase = await startNocoBase(process.argv[2] as Dialect);
  registerFloor(nocobase.app);
  await nocobase.addAuthenticator('floor', { authType: 'floor' });
  await nocobase.addAuthenticator('dingtalk', { authType: AUTH_TYPE, autoSignup: true });
  const user = await nocobase.addUser({ nickname: 'Floor' });

  let statements = 0;
  const { options } = nocobase.db.sequelize as unknown as { options: { logging: () => void } };
  options.logging = () => (statements += 1);

  process.on('message', async (question) => {
    if (question === 'stop') {
      await nocobase.stop();
      process.exit();
    }
    global.gc?.();
    const { user: inUser, system } = process.cpuUsage();
    const stats: Stats = { cpu: (inUser + system) / 1000, statements, heap: process.memoryUsage().heapUsed / 2 ** 20 };
    process.send?.(stats);
  });
  const started: Started = { url: nocobase.url, userId: Number(user.get('id')) };
  process.send?.(started);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
