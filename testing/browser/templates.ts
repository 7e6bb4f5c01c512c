import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expectOk } from '../../dev/api';
import { serverEnvironment } from '../../dev/environment';
import { withLock } from '../../dev/lock';
import { startNocoBaseProcess, type NocoBaseProcess } from '../../dev/nocobase-process';
import { STATE } from '../../dev/paths';
import { copyTemplate, exists, pluginsOf, runSql, saveTemplate, templateFolder } from '../../dev/template';
import { prepareWorkspace } from '../../dev/workspace';
import { clients, languages } from './clients';
import { FEW_PLUGINS, packageOf } from './few-plugins';
import { launchBrowser } from './launch';
import { becomeAdministrator } from './settings-page';
import { Visitor } from './visitor';

const [, v2] = clients;

/** What is enabled beside those where there is more than signing in: NocoBase's sources, its departments, and its channels. */
export const WITH_HOSTS: readonly string[] = ['user-data-sync', 'departments', 'notification-manager'];

/** A NocoBase with few plugins and without ours, whose v2 pages were opened once. Returns the template's name. */
export async function plainTemplate(more: readonly string[] = []): Promise<string> {
  // With all plugins: those that make the layout are not those that show it.
  const opened = await onlyOnce('opened', (dir) => startNocoBaseProcess({ dir }), { use: openFirst });
  const plugins = [...FEW_PLUGINS, ...more.map(packageOf)];
  const name = `plain-${hashOf(plugins.join())}`;
  return withLock('template', async () => {
    if (!(await exists(templateFolder(name)))) {
      const dir = await emptyFolder();
      const env = serverEnvironment(dir, 0, {});
      await prepareWorkspace(dir, env, plugins);
      await copyTemplate(opened, env);
      const kept = plugins.map((plugin) => `'${plugin}'`).join();
      await runSql(env.DB_STORAGE, `UPDATE applicationPlugins SET enabled = 0 WHERE packageName NOT IN (${kept})`);
      await saveTemplate(name, env, plugins);
      await rm(dir, { recursive: true });
    }
    return name;
  });
}

/** The same with the plugin enabled, and those that NocoBase does not enable by itself, as the plugin manager does it. */
export async function templateWith(plugin: string, more: readonly string[] = []): Promise<string> {
  const plain = await plainTemplate(more);
  const name = `${plain}-plugin-${hashOf(fs.readFileSync(plugin))}`;
  const start = (dir: string) => startNocoBaseProcess({ dir, plugin, template: plain, more: more.map(packageOf) });
  return onlyOnce(name, start, { plugins: await pluginsOf(plain) });
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

async function emptyFolder(): Promise<string> {
  const dir = path.join(STATE, 'e2e-template');
  await rm(dir, { recursive: true, force: true });
  return dir;
}

async function onlyOnce(
  name: string,
  start: (dir: string) => Promise<NocoBaseProcess>,
  { use, plugins }: { use?: (nocobase: NocoBaseProcess) => Promise<void>; plugins?: readonly string[] },
): Promise<string> {
  return withLock('template', async () => {
    if (await exists(templateFolder(name))) {
      return name;
    }
    const dir = await emptyFolder();
    const nocobase = await start(dir);
    try {
      await use?.(nocobase);
      await saveTemplate(name, serverEnvironment(dir, 0, {}), plugins);
    } finally {
      await nocobase.stop();
    }
    await rm(dir, { recursive: true });
    return name;
  });
}

/** On its first visit v2 stores the layout of its pages, and throws where a user may not do that. */
async function openFirst(nocobase: NocoBaseProcess): Promise<void> {
  const token = await nocobase.signInAsRoot();
  const values = { enabledLanguages: languages };
  await expectOk(
    'Languages',
    nocobase.request('systemSettings:update?filterByTk=1', { token, method: 'POST', values }),
  );
  const { browser, context, stop } = await launchBrowser();
  try {
    const administrator = await Visitor.arrive({ nocobase, browser, context, token }, v2, 'en-US');
    await becomeAdministrator(administrator);
    await administrator.opens('/admin');
    await administrator.seesNocoBase();
    await administrator.page.waitForLoadState('networkidle');
    await administrator.leave();
  } finally {
    await stop();
  }
}
