import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** What may not stand in a file: an import, or a statement that would get round the walls. */
const crossings: [string, string][] = [
  ['src/server/sign-in/x.ts', "import '../linking/links';"],
  ['src/server/linking/x.ts', "import '../sign-in/auth-dingtalk';"],
  ['src/server/linking/x.ts', "import type { AuthDingTalk } from '../sign-in/auth-dingtalk';"],
  ['src/server/linking/x.ts', "export { findUserInside } from '../sign-in/find-user';"],
  ['src/server/linking/x.ts', "export const later = () => import('../sign-in/find-user');"],
  ['src/server/sync/x.ts', "import '../events/stream';"],
  ['src/server/directory/plan/x.ts', "import '../../sync/source';"],
  ['src/server/directory/plan/x.ts', "import '../../../client-common/nocobase';"],
  ['src/server/dingtalk/stream/x.ts', "import '../../http/coded-error';"],
  ['src/server/linking/dialogs/x.ts', "import '../../sign-in/find-user';"],
  ['src/server/capability-of-tomorrow/x.ts', "import '../linking/links';"],
  ['src/server/events/x.ts', "import '../sign-in/find-user';"],
  ['src/server/notifications/x.ts', "import '../sync/source';"],
  ['src/server/configuration/x.ts', "import '../authorization/flow';"],
  ['src/server/accounts/x.ts', "import '../configuration/settings';"],
  ['src/server/accounts/x.ts', "import '../sign-in/find-user';"],
  ['src/server/authorization/x.ts', "import '../sign-in/find-user';"],
  ['src/server/http/x.ts', "import '../configuration/settings';"],
  ['src/server/dingtalk/x.ts', "import '../http/coded-error';"],
  ['src/server/dingtalk/x.ts', "import '../../shared/codes';"],
  ['src/server/dingtalk/x.ts', "import '@nocobase/server';"],
  ['src/server/sign-in/x.ts', "import '../../client-common/nocobase';"],
  ['src/server/sign-in/x.ts', "import '../../../testing/nocobase/sign-in';"],
  ['src/server/dingtalk/x.ts', "import '../../../emulator';"],
  ['src/server/sync/x.ts', "import { SyncSource } from '@nocobase/plugin-user-data-sync';"],
  ['src/server/sync/x.ts', "export { SyncSource } from '@nocobase/plugin-user-data-sync';"],
  ['src/server/directory/x.ts', "import { type X, y } from '@nocobase/plugin-departments';"],
  ['src/server/plugin.ts', "import './linking/links';"],
  ['src/shared/x.ts', "import '../server/plugin';"],
  ['src/shared/x.ts', "import '../locale/en-US.json';"],
  ['src/client/x.ts', "import '../server/http/report';"],
  ['src/client-v2/x.ts', "import type { Settings } from '../server/configuration/settings';"],
  ['src/client-common/linking/x.tsx', "import '../../server/linking/links';"],
  ['src/client-common/linking/x.tsx', "import '../../client-v2/plugin';"],
  ['src/client-common/sign-in/x.tsx', "import '../../../dev/api';"],
];

/** The other side: what the rooms are for. */
const doors: [string, string][] = [
  ['src/server/sign-in/x.ts', "import '../authorization/flow';"],
  ['src/server/linking/x.ts', "import '../accounts/bindings';"],
  ['src/server/sync/x.ts', "import '../directory/plan';"],
  ['src/server/directory/x.ts', "import '../dingtalk/oapi';"],
  ['src/server/directory/plan/x.ts', "import '../store/members';"],
  ['src/server/directory/plan/x.ts', "import '../../accounts/phone';"],
  ['src/server/directory/plan/x.ts', "import '../../../shared/codes';"],
  ['src/server/dingtalk/stream/x.ts', "import '../http';"],
  ['src/server/sync/x.ts', "import type { SyncSource } from '@nocobase/plugin-user-data-sync';"],
  ['src/server/sign-in/x.ts', "import { presetAuthType } from '@nocobase/plugin-auth';"],
  ['src/server/authorization/x.ts', "import '../configuration/settings';"],
  ['src/server/configuration/x.ts', "import '../../shared/codes';"],
  ['src/server/http/x.ts', "import '../../locale/en-US.json';"],
  ['src/server/dingtalk/x.ts', "import '@nocobase/utils';"],
  ['src/server/dingtalk/x.ts', "import './http';"],
  ['src/server/plugin.ts', "import './linking/register';"],
  ['src/shared/x.ts', "import '../../package.json';"],
  ['src/client-common/linking/x.tsx', "import '../../shared/contract';"],
  ['src/client-v2/x.ts', "import '../client-common/nocobase';"],
  ['src/server/linking/x.server.test.ts', "import '../../../testing/nocobase/sign-in';"],
];

/** ESLint loads the configuration as an ES module, which Jest's own module loader cannot. */
const script = `
  import { ESLint } from 'eslint';
  const eslint = new ESLint();
  const complaints = [];
  for (const [file, code] of JSON.parse(process.argv[1])) {
    const [{ messages }] = await eslint.lintText(code + '\\n', { filePath: file });
    complaints.push(messages.filter(({ ruleId }) => ruleId?.startsWith('no-restricted')).map(({ message }) => message));
  }
  process.stdout.write(JSON.stringify(complaints));`;

describe('the walls of the house', () => {
  let complaints: string[][] = [];

  beforeAll(() => {
    const all = JSON.stringify([...crossings, ...doors]);
    const cwd = path.join(__dirname, '..');
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, all], {
      cwd,
      encoding: 'utf8',
    });
    complaints = JSON.parse(output);
  });

  it.each(crossings.map((crossing, index) => [...crossing, index] as const))('%s must not have: %s', (_, __, index) => {
    expect(complaints[index]).not.toEqual([]);
  });

  it.each(doors.map((door, index) => [...door, index] as const))('%s may have: %s', (_, __, index) => {
    expect(complaints[crossings.length + index]).toEqual([]);
  });
});
