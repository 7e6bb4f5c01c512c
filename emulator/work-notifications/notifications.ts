import type { App } from '../platform/data';
import type { Directory, Member } from '../platform/directory';
import type { Platform } from '../platform/platform';
import { isMemberInScope } from '../contacts/scope';
import type { Json } from '../http/errors';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The clock by which days and months are counted: that of China. */
const CHINA = 8 * 60 * MINUTE;

/** What DingTalk keeps of a message of an app. */
export interface WorkNotification {
  task: number;
  clientId: string;
  corpId: string;
  userid: string;
  /** As it was sent: `msgtype`, and what belongs to it. */
  msg: Json;
  /** Milliseconds since 1970. */
  at: number;
  isRead: boolean;
}

/** What becomes of a message for one receiver, as `getsendresult` lists them. */
export type Fate =
  | { list: 'unread' | 'invalid' | 'forbidden' | 'failed' }
  /** Why it is dropped, by DingTalk's code. */
  | { list: 'dropped'; code: string };

export interface Task {
  id: number;
  clientId: string;
  at: number;
  fates: Map<string, Fate>;
}

/** What DingTalk documents; what it says nothing of is marked. */
export interface NotificationSettings {
  /** Counted calls of an organization in a month, of all its apps; more are refused. */
  callsAMonth: number;
  messagesADay: number;
  peopleAMinute: number;
  maxBytes: number;
  /** Content with one of these is dropped. */
  forbiddenWords: string[];
  /** Not documented: the code for an Agent ID that is not that of the app. */
  wrongAgentId: number;
}

const defaults = (): NotificationSettings => ({
  callsAMonth: 5000,
  messagesADay: 500,
  peopleAMinute: 5000,
  maxBytes: 2048,
  forbiddenWords: [],
  wrongAgentId: 40056,
});

const dayOf = (at: number) => Math.floor((at + CHINA) / DAY);
const monthOf = (at: number) => new Date(at + CHINA).toISOString().slice(0, 7);

/**
 * The work notifications of all apps, and what of them reaches whom. All that goes over a limit is dropped, and the call
 * answers success all the same.
 */
export class WorkNotifications {
  readonly settings = defaults();
  private delivered: WorkNotification[] = [];
  /** The same, by organization and member. */
  private inboxes = new Map<string, WorkNotification[]>();
  private tasks = new Map<number, Task>();
  private sentTo: { clientId: string; at: number; people: number }[] = [];
  private calls = new Map<string, number>();
  private lastTask = 0;

  constructor(private readonly platform: Platform) {}

  /** What a member sees in DingTalk, the latest last. */
  inbox(userid: string, corpId = this.platform.data.organizations[0].corpId): WorkNotification[] {
    return this.inboxes.get(`${corpId} ${userid}`) ?? [];
  }

  /** All that was delivered to anybody. */
  all(): readonly WorkNotification[] {
    return this.delivered;
  }

  read(userid: string, task: number): void {
    for (const one of this.delivered.filter((each) => each.userid === userid && each.task === task)) {
      one.isRead = true;
    }
  }

  /** Counts a call, unless the organization has none left in this month. */
  admits({ corpId }: App): boolean {
    const key = `${corpId} ${monthOf(this.platform.now())}`;
    const calls = this.calls.get(key) ?? 0;
    if (calls >= this.settings.callsAMonth) {
      return false;
    }
    this.calls.set(key, calls + 1);
    return true;
  }

  /** The counted calls of an organization in this month. */
  callsOf(corpId = this.platform.data.organizations[0].corpId): number {
    return this.calls.get(`${corpId} ${monthOf(this.platform.now())}`) ?? 0;
  }

  send(app: App, userids: string[], msg: Json): Task {
    const at = this.platform.now();
    // As large as those of DingTalk.
    const id = 256_271_667_000 + ++this.lastTask;
    const { clientId, corpId } = app;
    const overMinute = this.peopleOfMinute(clientId, at) + userids.length > this.settings.peopleAMinute;
    this.sentTo.push({ clientId, at, people: userids.length });
    const task: Task = { id, clientId, at, fates: new Map() };
    // Once for all of them: it is made anew each time.
    const directory = this.platform.directory(corpId);
    for (const userid of userids) {
      const fate = overMinute
        ? { list: 'dropped' as const, code: '143103' }
        : this.fateOf(app, directory, userid, msg, at);
      task.fates.set(userid, fate);
      if (fate.list === 'unread') {
        this.deliver({ task: id, clientId, corpId, userid, msg, at, isRead: false });
      }
    }
    this.tasks.set(id, task);
    return task;
  }

  /** Undefined after 24 hours. */
  task(id: number, { clientId }: App): Task | undefined {
    const task = this.tasks.get(id);
    return task?.clientId === clientId && this.platform.now() - task.at < DAY ? task : undefined;
  }

  isRead(userid: string, task: number): boolean {
    return this.delivered.some((one) => one.userid === userid && one.task === task && one.isRead);
  }

  clear(): void {
    Object.assign(this.settings, defaults());
    this.delivered = [];
    this.inboxes.clear();
    this.tasks.clear();
    this.sentTo = [];
    this.calls.clear();
  }

  private deliver(one: WorkNotification): void {
    this.delivered.push(one);
    this.inboxes.set(`${one.corpId} ${one.userid}`, [...this.inbox(one.userid, one.corpId), one]);
  }

  private peopleOfMinute(clientId: string, at: number): number {
    this.sentTo = this.sentTo.filter((one) => at - one.at < MINUTE);
    return this.sentTo.filter((one) => one.clientId === clientId).reduce((sum, { people }) => sum + people, 0);
  }

  private fateOf(app: App, directory: Directory, userid: string, msg: Json, at: number): Fate {
    const member: Member | undefined = directory.member(userid);
    if (member?.membership.contact_type !== 0) {
      return { list: 'invalid' };
    }
    if (!isMemberInScope(app, directory, member.membership)) {
      return { list: 'forbidden' };
    }
    const json = JSON.stringify(msg);
    const today = this.inbox(userid, app.corpId).filter(
      (one) => one.clientId === app.clientId && dayOf(one.at) === dayOf(at),
    );
    if (Buffer.byteLength(json) > this.settings.maxBytes) {
      return { list: 'failed' };
    }
    if (this.settings.forbiddenWords.some((word) => json.includes(word))) {
      return { list: 'dropped', code: '1430002' };
    }
    if (today.some((one) => JSON.stringify(one.msg) === json)) {
      return { list: 'dropped', code: '143106' };
    }
    return today.length >= this.settings.messagesADay ? { list: 'dropped', code: '143105' } : { list: 'unread' };
  }
}

const ofPlatforms = new WeakMap<Platform, WorkNotifications>();

/** Those of one emulator. */
export function notificationsOf(platform: Platform): WorkNotifications {
  const own = ofPlatforms.get(platform) ?? new WorkNotifications(platform);
  ofPlatforms.set(platform, own);
  return own;
}
