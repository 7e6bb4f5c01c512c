import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What the plugin's line in the system log says of one sign-in, or of one link. */
export interface LoggedOutcome {
  outcome: string;
  authenticator?: string;
  userId?: string;
  rule?: number | string;
  /** ID of the administrator. */
  by?: string;
  endpoint?: string;
  httpStatus?: number;
  networkCode?: string;
  dingTalkCode?: string;
  requestId?: string;
  reason?: string;
}

/** NocoBase's log files of one application. */
export class Logs {
  private readonly folder: string;
  private readonly told = new Map<string, number>();

  /** Bytes of each file that there were before: all applications of a worker write into the same files. */
  private readonly before: Map<string, number>;

  constructor(storage: string) {
    this.folder = path.join(storage, 'logs');
    this.before = new Map(this.files().map((file) => [file, fs.statSync(file).size]));
  }

  private files(): string[] {
    if (!fs.existsSync(this.folder)) {
      return [];
    }
    return fs
      .readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(this.folder, file))
      .filter((file) => fs.statSync(file).isFile());
  }

  private sinceStart(file: string): string {
    return fs.readFileSync(file).subarray(this.before.get(file)).toString();
  }

  /** Everything in all files, as it is on the disk after a moment. */
  async text(): Promise<string> {
    await setTimeout(500);
    return this.files()
      .map((file) => this.sinceStart(file))
      .join('\n');
  }

  /** The plugin's lines since the last time. NocoBase writes its files a little later than it answers. */
  async outcomes(expected = 1, message = 'DingTalk sign-in'): Promise<LoggedOutcome[]> {
    const deadline = Date.now() + 5000;
    let fresh = this.fresh(message);
    while (fresh.length < expected && Date.now() < deadline) {
      await setTimeout(20);
      fresh = this.fresh(message);
    }
    this.told.set(message, (this.told.get(message) ?? 0) + fresh.length);
    return fresh;
  }

  private fresh(message: string): LoggedOutcome[] {
    const lines = this.sinceStart(path.join(this.folder, 'main', 'system.log')).split('\n');
    return lines
      .filter((line) => line.includes(`"message":"${message}"`))
      .slice(this.told.get(message) ?? 0)
      .map((line) => JSON.parse(line).extra);
  }
}
