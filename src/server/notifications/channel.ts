import type { Application } from '@nocobase/server';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';
import type { Afterwards } from './afterwards';
import { parseContent } from './content';
import { composeFor, deliver, type Delivery, resultOf, type Sender, senderOf } from './deliver';
import { type ChannelClass, readChannelOptions, SEND_LOGS, type SendAnswer, type SendParams } from './host';
import { openChannel } from './options';
import { chosenUsers } from './receivers';
import { RESULT_PAUSES_MS } from './results';
import { tell } from './truth';
import { sayForLog, sentenceOf } from './words';

/** How many of the latest lines of a channel are looked at for the one of a message. */
const LATEST = 500;

/** The class of channels of the type `dingtalk`. */
export function defineChannel(afterwards: Afterwards, pauses = RESULT_PAUSES_MS): ChannelClass {
  return class DingTalkChannel {
    constructor(private readonly app: Application) {}

    /** Never rejects: NocoBase would put the name of the error into its log, in place of a sentence. */
    async send(params: SendParams): Promise<SendAnswer> {
      const { channel, message } = params;
      const began = Date.now();
      const say = await sayForLog(this.app);
      try {
        const content = parseContent(message);
        const sender = await senderOf(
          this.app,
          afterwards,
          openChannel(this.app, await readChannelOptions(this.app, channel.name)),
        );
        const composed = composeFor(sender.channel, sender.settings, content);
        const userIds = await chosenUsers(this.app.db, params);
        const delivery = await deliver(sender, composed, userIds);
        this.log(channel.name, delivery, Date.now() - began);
        if (delivery.outcome.isAsked) {
          afterwards.run((signal) => this.follow(sender, channel.name, delivery, signal));
        }
        return { message, ...tell(delivery.outcome, say) };
      } catch (error) {
        const { code, detail } =
          error instanceof CodedError ? error : new CodedError('MESSAGE_FAILED', { reason: describe(error) });
        this.app.logger.warn('DingTalk message', { outcome: code, channel: channel.name, ...detail });
        return { message, status: 'failure', reason: sentenceOf(say, code) };
      }
    }

    /** One line, with numbers alone. */
    private log(channel: string, { outcome }: Delivery, ms: number): void {
      const { all, accepted, losses } = outcome;
      const lost = Object.fromEntries(losses.map(({ code, names }) => [code, names.length]));
      this.app.logger.info('DingTalk message', { outcome: 'SENT', channel, all, accepted, ms, ...lost });
    }

    /**
     * Asks what became of a message, and says so in its line of NocoBase's log, which was written meanwhile: to wait for
     * that would hold up who sends. The line is known by the ID of DingTalk's task in it.
     */
    private async follow(sender: Sender, channelName: string, delivery: Delivery, signal: AbortSignal): Promise<void> {
      const outcome = await resultOf(sender, delivery, { pauses, signal });
      const [task] = outcome.tasks;
      const logs = this.app.db.getModel(SEND_LOGS);
      const latest = (await logs.findAll({
        attributes: ['id', 'reason'],
        where: { channelName },
        order: [['createdAt', 'DESC']],
        limit: LATEST,
        raw: true,
      })) as unknown as { id: string; reason: string | null }[];
      const line = latest.find(({ reason }) => new RegExp(`\\b${task}\\b`).test(reason ?? ''));
      if (line && !signal.aborted) {
        const { status, reason } = tell(outcome, await sayForLog(this.app));
        await logs.update({ status, reason }, { where: { id: line.id }, hooks: false });
      }
    }
  };
}
