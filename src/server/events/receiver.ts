import { type DirectoryEvent, isDirectoryEvent, LEAVE_EVENT } from '../dingtalk/event';
import type { Inbox } from './inbox';
import type { Notes } from './notes';
import type { EventId } from './waiting';

/** Whose events these are. */
interface Addressee {
  sourceId: string;
  corpId: string;
}

/** What becomes of an event, on whichever way it came. */
export class Receiver {
  constructor(
    private readonly inbox: Inbox,
    private readonly notes: Notes,
  ) {}

  /**
   * What an event names is stored, and all else of it is forgotten: it may be late, and DingTalk is asked.
   *
   * @returns when its IDs are committed
   * @throws CodedError EVENTS_FAILED where DingTalk has to send it again
   */
  async take({ sourceId, corpId }: Addressee, event: DirectoryEvent): Promise<void> {
    if (!isDirectoryEvent(event) || (event.corpId !== undefined && event.corpId !== corpId)) {
      this.notes.foreign(sourceId, event.type);
      return;
    }
    const ids = idsOf(event);
    await this.inbox.store(sourceId, ids);
    // What has changed is not all named, or not in a way that is known here.
    if (event.isCut || event.dropped || !ids.length) {
      await this.inbox.wishForRun(sourceId);
    }
    this.notes.event(sourceId, event.type);
  }
}

function idsOf({ type, userids, departmentIds }: DirectoryEvent): EventId[] {
  const kinds = type === LEAVE_EVENT ? (['leaver', 'again'] as const) : (['member'] as const);
  return [
    ...kinds.flatMap((kind) => userids.map((id) => ({ kind, id }))),
    ...departmentIds.map((id) => ({ kind: 'department' as const, id: String(id) })),
  ];
}
