import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import type { TestResult } from '../../shared/messages';
import { hiddenAmong } from '../accounts/administrators';
import { linkedUsersOf } from '../accounts/linked-users';
import { requireAuthenticator } from '../configuration/authenticators';
import { isWellFormedAgentId, MAX_MESSAGE_BYTES } from '../dingtalk/work-notification';
import { isDirectoryOff } from '../directory/source';
import { definePostAction, rowId, text } from '../http/actions';
import { CodedError } from '../http/coded-error';
import type { Afterwards } from './afterwards';
import { parseContent } from './content';
import { monthOf, readCalls } from './counts';
import { composeFor, deliver, resultOf, senderOf } from './deliver';
import { readChannelOptions } from './host';
import { type ChannelSettings, openChannel, STANDARD_QUOTA } from './options';
import { type Loss, notesOf, type Outcome } from './truth';
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
async function channelOf({ app }: Context, { channel = '', options: entered }: Named): Promise<ChannelSettings> {
  return openChannel(app, entered ?? (await readChannelOptions(app, channel)));
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
    const { published } = await requireAuthenticator(ctx, channel.authenticator);
    const { message, bytes, ...composed } = composeFor(channel, published, parsed);
    return {
      message: { ...message },
      bytes,
      maxBytes: MAX_MESSAGE_BYTES,
      notes: notesOf(composed, sayIn(ctx)),
    };
  },
});

/** `POST dingtalk:getReceivers` answers linked users, of whom one gets a test. */
export const getReceivers = definePostAction('getReceivers', {
  topic,
  body: z.object({ authenticator: text.min(1), search: text.default('') }),
  authenticatorOf: (_, { authenticator }) => authenticator,
  run: async (ctx, { authenticator, search }) =>
    linkedUsersOf(ctx, await requireAuthenticator(ctx, authenticator), search.trim()),
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
      const isHidden = user !== undefined && (await hiddenAmong(ctx, sender.authenticator, [user])).has(user);
      if (isHidden && user !== own) {
        // As of anybody who is not linked: the answer would tell what the list does not show.
        return resultOfLoss({ code: 'NO_ACCOUNT' }, say);
      }
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

function resultIn({ tasks, losses, delivered, accepted, all }: Outcome, say: Say): TestResult {
  const [task] = tasks;
  const [loss] = losses;
  const ofTask = task === undefined ? {} : { task };
  if (loss) {
    return { ...resultOfLoss(loss, say), ...ofTask };
  }
  const [code, number] =
    delivered === undefined ? (['MESSAGE_ACCEPTED', accepted] as const) : (['MESSAGE_DELIVERED', delivered] as const);
  return { code, outcome: 'ok', message: say(code, { number, all, task: task ?? '–' }), ...ofTask };
}

function resultOfLoss({ code, dingTalkCodes = [] }: Pick<Loss, 'code' | 'dingTalkCodes'>, say: Say): TestResult {
  const isOpen = code === 'NOT_TOLD_YET' || code === 'MAY_HAVE_ARRIVED';
  const ofDingTalk = dingTalkCodes.map((each) => ` [${each}]`).join('');
  return { code, outcome: isOpen ? 'warning' : 'error', message: sentenceOf(say, code) + ofDingTalk };
}
