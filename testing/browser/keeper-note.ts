import fs from 'node:fs';
import type { NocoBaseServer } from '../../dev/nocobase-process';

/** What a keeper and its users tell each other, in a file of `.nocobase/worlds/`. */
export interface Note {
  dir: string;
  /** The packed archive, and the template of a database in which it is enabled. */
  plugin: string;
  template: string;
  port: number;
  /** Where the NocoBase asks for DingTalk; the test process that uses it starts an emulator there. */
  emulatorPort: number;
  /** The process that uses it, or did last. */
  user: number;
  /** How long NocoBase stays when that process has ended. */
  idleMinutes: number;
  keeper?: number;
  /** Once it answers. */
  server?: Omit<NocoBaseServer, 'request' | 'signInAsRoot'>;
  /** Why it does not. */
  failure?: string;
}

export function readNote(file: string): Note {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** At once: the other one may be reading. */
export function writeNote(file: string, note: Note): void {
  fs.writeFileSync(`${file}.tmp`, JSON.stringify(note, null, 2));
  fs.renameSync(`${file}.tmp`, file);
}
