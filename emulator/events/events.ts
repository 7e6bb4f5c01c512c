import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { App } from '../platform/data';
import type { Change } from '../platform/news';
import type { Platform } from '../platform/platform';
import type { Recorder } from '../recorder';
import { eventOf, isSubscribed, newEventId, parts } from './event';
import { EventLog, isSettled } from './log';
import { Pushes } from './pushes';
import { Stream } from './stream';
import { Timers } from './timers';
import type { DingTalkEvent, NewEvent, SentEvent } from './types';

const newEvent: z.ZodType<NewEvent> = z.strictObject({
  type: z.string().min(1),
  id: z.string().min(1).optional(),
  corpId: z.string().optional(),
  bornAt: z.number().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  clientId: z.string().optional(),
});

export const parseNewEvent = (input: unknown): NewEvent => newEvent.parse(input);

/** What DingTalk tells the apps of an organization, by Stream or by HTTP. */
export class Events {
  readonly log: EventLog;
  readonly stream: Stream;
  readonly pushes: Pushes;
  private readonly timers = new Timers();

  constructor(
    private readonly platform: Platform,
    recorder: Recorder,
  ) {
    this.log = new EventLog(platform.now);
    this.stream = new Stream(platform, this.log, this.timers, recorder);
    this.pushes = new Pushes(platform, this.log, this.timers);
    platform.news.listen((changes) => this.tell(changes));
  }

  /** Sends an event to the apps that it concerns, whether they subscribed to it or not. */
  send({ clientId, ...values }: NewEvent): SentEvent {
    const { apps, organizations } = this.platform.data;
    const home = organizations[0].corpId;
    const { corpId = home } = values;
    const meant = organizations.some((each) => each.corpId === corpId) ? corpId : home;
    const event = { id: newEventId(), bornAt: this.platform.eventNow(), data: {}, ...values, corpId };
    return this.deliver(
      event,
      apps.filter((app) => (clientId === undefined ? app.corpId === meant : app.clientId === clientId)),
    );
  }

  /** Resolves when nothing that was sent so far is under way any more. */
  async settled(): Promise<void> {
    await this.log.until(() => this.log.events.every(isSettled));
  }

  /** What is to be sent again is sent now. */
  hurry(): void {
    this.timers.hurry();
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.stream.accept(request, socket, head);
  }

  reset(): void {
    this.timers.clear();
    this.stream.reset();
    this.pushes.reset();
    this.log.clear();
  }

  close(): void {
    this.reset();
    this.stream.close();
    this.log.close();
  }

  private tell(changes: Change[]): void {
    const { apps, settings } = this.platform.data;
    for (const change of changes.flatMap((each) => parts(each, settings.idsPerEvent))) {
      const isMeant = (app: App) => app.corpId === change.corpId && app.published && isSubscribed(app, change.type);
      this.deliver(eventOf(change, this.platform.eventNow()), apps.filter(isMeant));
    }
  }

  private deliver(event: DingTalkEvent, apps: App[]): SentEvent {
    const sent = this.log.add(event);
    for (const app of apps) {
      const channel = app.callback ? 'push' : 'stream';
      const receiver = {
        clientId: app.clientId,
        channel,
        outcome: 'waiting',
        attempts: [],
      } as SentEvent['receivers'][0];
      sent.receivers.push(receiver);
      void (app.callback ? this.pushes : this.stream).deliver(event, receiver);
    }
    this.log.changed();
    return sent;
  }
}
