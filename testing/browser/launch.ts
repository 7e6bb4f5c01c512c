import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../dev/programs';
import { WarmContext } from './warm-context';

export interface LaunchOptions {
  /** Host names that lead to this machine, as Chromium's `--host-resolver-rules` wants them. */
  hostRules?: string[];
  flags?: string[];
  /** The folder of a profile that is kept. Default: a new one, which goes when the browser does. */
  profile?: string;
}

/** A browser, for contexts that were never used before, and in it the one context that visitors use in turn. */
export interface LaunchedBrowser {
  browser: Browser;
  context: WarmContext;
  stop(): Promise<void>;
}

export async function launchBrowser({ hostRules, flags, profile }: LaunchOptions = {}): Promise<LaunchedBrowser> {
  const folder = profile ?? (await mkdtemp(path.join(os.tmpdir(), 'auth-dingtalk-profile-')));
  const discard = async () => {
    if (!profile) {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  try {
    const context = await chromium.launchPersistentContext(folder, {
      ...WarmContext.options,
      executablePath: findChromium(),
      args: [...usualFlags(hostRules), ...(flags ?? [])],
      // Everybody's browser shows a page as it was left when they go back to it; Playwright turns that off.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    const browser = context.browser();
    if (!browser) {
      throw new Error('Playwright names no browser of this context.');
    }
    const stop = async () => {
      await context.close();
      await discard();
    };
    return { browser, context: new WarmContext(context), stop };
  } catch (error) {
    await discard();
    throw error;
  }
}

function usualFlags(hostRules: string[] = []): string[] {
  const quiet = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // A test that tries to leave this machine fails for that, and gets nowhere.
  const rules = [...hostRules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  return [
    ...quiet,
    `--host-resolver-rules=${rules.join(', ')}`,
    // All pages of an address share one process, and with it what V8 has compiled: see `WarmContext`.
    '--process-per-site',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}
