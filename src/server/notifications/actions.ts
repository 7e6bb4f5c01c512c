import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import type { TestResult } from '../../shared/messages';
import { requireAuthenticator } from '../configuration/authenticators';
import { isWellFormedAgentId, MAX_MESSAGE_BYTES } from '../dingtalk/work-notification';
import { isDirectoryOff } from '../directory/source';
import { definePostAction, rowId, text } from '../http/actions';
import { CodedError } from '../http/coded-error';
import type { Afterwards } from './afterwards';
import { parseContent } from './content';
import { monthOf, readCalls } from './counts';
import { composeFor, deliver, resultOf, senderOf } from './deliver';
import { findChannelRow } from './host';
import { type ChannelSettings, parseChannel, STANDARD_QUOTA } from './options';
import { notesOf, type Outcome } from './truth';
import { type Say, sayIn, sentenceOf } from './words';

const topic = 'message';

const options = z.record(z.string(), z.unknown()).optional();
const channelName = text.min(1).optional();

/** A test, to whomever, is possible so often for a user. */
const TEST_MS = 10_000;

/** When a test asks for its result: a person waits for it. */
const TEST_PAUSES_MS = [1500, 2500, 4000];

interface Named {
  channel?: string;
  options?: Record<string, unknown>;
}

/**
 * The settings of the form, where it sends them; else of the channel that is saved.
 *
 * @throws CodedError CHANNEL_UNAVAILABLE, CHANNEL_INVALID
 */
async function channelOf({ app }: Context, named: Named): Promise<ChannelSettings> {
  const row: Model | null = named.channel && !named.options ? await findChannelRow(app, named.channel) : null;
  const entered = named.options ?? row?.get('options');
  if (!entered) {
    throw new CodedError('CHANNEL_UNAVAILABLE');
  }
  return parseChannel(app.environment.renderJsonTemplate(entered));
}

/** `POST dingtalk:getNotificationState` */
export const getNotificationState = definePostAction('getNotificationState', {
  topic,
  body: z.object({ channel: channelName, authenticator: text.min(1).optional() }),
  authenticatorOf: (_, { authenticator }) => authenticator,
  async run(ctx, { channel: name, authenticator }) {
    const saved = name === undefined ? undefined : await channelOf(ctx, { channel: name });
    const wanted = authenticator ?? saved?.authenticator;
    if (wanted === undefined) {
      throw new CodedError('REQUEST_INVALID');
    }
    const { clientId, agentId } = (await requireAuthenticator(ctx, wanted)).settings;
    const month = monthOf();
    return {
      month,
      calls: await readCalls(ctx.db, clientId, month),
      quota: saved?.quota ?? STANDARD_QUOTA,
      hasAgentId: isWellFormedAgentId(agentId),
      isOff: isDirectoryOff(),
    };
  },
});

/** `POST dingtalk:previewMessage` */
export const previewMessage = definePostAction('previewMessage', {
  topic,
  body: z.object({ channel: channelName, options, content: z.record(z.string(), z.unknown()) }),
  async run(ctx, { content, ...named }) {
    const parsed = parseContent({ content });
    const channel = await channelOf(ctx, named);
    const { settings } = await requireAuthenticator(ctx, channel.authenticator);
    const { message, bytes, ...composed } = composeFor(channel, settings, parsed);
    return {
      message: { ...message },
      bytes,
      maxBytes: MAX_MESSAGE_BYTES,
      notes: notesOf(composed, sayIn(ctx)),
    };
  },
});

/** `POST dingtalk:sendTest`, which sends by the same way as a message. */
export function defineTest(afterwards: Afterwards, pauses = TEST_PAUSES_MS) {
  const last = new Map<string, number>();

  /** @throws CodedError TEST_TOO_SOON */
  function requirePause(userId: string, now = Date.now()): void {
    for (const [id, at] of last) {
      if (now - at >= TEST_MS || at > now) {
        last.delete(id);
      }
    }
    if (last.has(userId)) {
      throw new CodedError('TEST_TOO_SOON');
    }
    last.set(userId, now);
  }

  return definePostAction('sendTest', {
    topic,
    body: z.object({ channel: channelName, options, user: rowId.optional() }),
    async run(ctx, { user, ...named }): Promise<TestResult> {
      const own = String(ctx.state.currentUser.id);
      requirePause(own);
      const say = sayIn(ctx);
      const sender = await senderOf(ctx.app, afterwards, await channelOf(ctx, named));
      const content = parseContent({
        content: { type: 'markdown', title: say('MESSAGE_TEST_TITLE'), text: say('MESSAGE_TEST_TEXT') },
      });
      // Equal texts on one day are dropped, whatever the channel says of the time.
      const composed = composeFor({ ...sender.channel, appendsTime: true }, sender.settings, content);
      const delivery = await deliver(sender, composed, [user ?? own]);
      const closed = new AbortController();
      const close = () => closed.abort();
      ctx.res.once('close', close);
      try {
        const outcome = delivery.tasks.length
          ? await resultOf(sender, delivery, { pauses, signal: closed.signal })
          : delivery.outcome;
        return resultIn(outcome, say);
      } finally {
        ctx.res.off('close', close);
      }
    },
  });
}

function resultIn(outcome: Outcome, say: Say): TestResult {
  const [task] = outcome.tasks;
  const [loss] = outcome.losses;
  const ofTask = task === undefined ? {} : { task };
  if (!loss) {
    const [code, number] =
      outcome.delivered === undefined
        ? (['MESSAGE_ACCEPTED', outcome.accepted] as const)
        : (['MESSAGE_DELIVERED', outcome.delivered] as const);
    return { code, outcome: 'ok', message: say(code, { number, all: outcome.all, task: task ?? '–' }), ...ofTask };
  }
  const isOpen = loss.code === 'NOT_TOLD_YET' || loss.code === 'MAY_HAVE_ARRIVED';
  const dingTalk = (loss.dingTalkCodes ?? []).map((code) => ` [${code}]`).join('');
  return {
    code: loss.code,
    outcome: isOpen ? 'warning' : 'error',
    message: sentenceOf(say, loss.code) + dingTalk,
    ...ofTask,
  };
}
