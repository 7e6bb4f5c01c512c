/**
 * A process that keeps one NocoBase for the browser tests: longer than a test file lasts, as a start takes 12 seconds,
 * and with `npm run test:browser` longer than a run. Started by `shared-world.ts` with the path of a note, in which both
 * leave what the other one has to know.
 */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dingTalkHosts } from '../../dev/environment';
import { isAlive } from '../../dev/lock';
import { startNocoBaseProcess } from '../../dev/nocobase-process';
import { readNote, writeNote } from './keeper-note';

const LOOKS_EVERY_MS = 500;

async function main(file: string): Promise<void> {
  const { dir, plugin, template, port, emulatorPort } = readNote(file);
  const env = dingTalkHosts(`http://127.0.0.1:${emulatorPort}`);
  try {
    const nocobase = await startNocoBaseProcess({ dir, port, plugin, template, env });
    let ended = false;
    const end = () => {
      ended = true;
    };
    process.once('SIGTERM', end);
    void nocobase.ended.then(end);
    const { url, apiUrl, log, rootLogin } = nocobase;
    writeNote(file, { ...readNote(file), server: { url, apiUrl, dir, log, rootLogin } });
    let seen = Date.now();
    while (!ended) {
      const { user, idleMinutes } = readNote(file);
      // One reading of the clock: between two, a millisecond may pass, and a NocoBase in use would end.
      const now = Date.now();
      seen = isAlive(user) ? now : seen;
      ended ||= now - seen > idleMinutes * 60_000;
      await sleep(LOOKS_EVERY_MS);
    }
    await nocobase.stop();
  } catch (error) {
    writeNote(file, { ...readNote(file), failure: error instanceof Error ? error.message : String(error) });
  }
  fs.rmSync(dir, { recursive: true, force: true });
}

void main(process.argv[2]).finally(() => process.exit());
