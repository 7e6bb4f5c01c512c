import { takeRule } from '../faults/rules';
import type { FaultRule } from '../platform/data';
import type { Platform } from '../platform/platform';
import { ofForeignCorp, ofForeignType } from './event';
import type { EventLog } from './log';
import type { Timers } from './timers';
import type { DingTalkEvent, Receiver } from './types';

export type Fault = FaultRule['fault'] | undefined;

function told(event: DingTalkEvent, fault: Fault): DingTalkEvent {
  return fault === 'eventForeignCorp'
    ? ofForeignCorp(event)
    : fault === 'eventForeignType'
      ? ofForeignType(event)
      : event;
}

/** What both ways of an event to an app have in common. */
export abstract class Delivery {
  constructor(
    protected readonly platform: Platform,
    protected readonly log: EventLog,
    protected readonly timers: Timers,
  ) {}

  protected get settings() {
    return this.platform.data.settings;
  }

  /** Sends an event until it is accepted, or given up. */
  abstract deliver(event: DingTalkEvent, receiver: Receiver): Promise<void>;

  /** Returns what was answered; undefined where the event is lost. */
  protected abstract send(event: DingTalkEvent, receiver: Receiver, fault: Fault): Promise<string | undefined>;

  protected async attempt(event: DingTalkEvent, receiver: Receiver, attempt: number): Promise<string | undefined> {
    const { channel, clientId } = receiver;
    const rule = takeRule(this.platform, channel, { clientId, type: event.type, attempt });
    if (rule?.delayMs) {
      await this.timers.pause(rule.delayMs);
    }
    return rule?.fault === 'eventLost' ? undefined : this.send(told(event, rule?.fault), receiver, rule?.fault);
  }

  /** Once, or twice; the first answer counts. */
  protected async onceOrTwice(fault: Fault, once: () => Promise<string>): Promise<string> {
    const [first] = await Promise.all(fault === 'eventTwice' ? [once(), once()] : [once()]);
    return first;
  }
}
