import type { Application } from '@nocobase/server';
import { withWriteLock } from '../accounts/lock';
import { type Authenticator, requireAuthenticator } from '../configuration/authenticators';
import type { Settings } from '../configuration/settings';
import { isWellFormedAgentId } from '../dingtalk/work-notification';
import { isDirectoryOff } from '../directory/source';
import { backgroundContext } from '../http/background';
import { CodedError } from '../http/coded-error';
import type { Afterwards } from './afterwards';
import { compose, type Composed } from './compose';
import type { Content } from './content';
import { countCalls, warnOfQuota } from './counts';
import { linkTo } from './links';
import type { ChannelSettings } from './options';
import { findReceivers, keepUserid, type Receiver } from './receivers';
import { askFates, type Fate } from './results';
import { limitsOf, PEOPLE_A_MINUTE, sendToAll, type Sent } from './send';
import type { Tally } from './silence';
import { stamp } from './stamp';
import { askUserids } from './userids';
import { gather, type Loss, type Outcome } from './truth';

/** How long a message may take, a call of it, and the calls that look up userids. */
const MESSAGE_MS = 15_000;
const CALL_MS = 5000;
const LOOK_UP_MS = 8000;

/** What a channel sends by. */
export interface Sender {
  app: Application;
  /** Does what nobody waits for. */
  afterwards: Afterwards;
  channel: ChannelSettings;
  authenticator: Authenticator;
  /** Of the authenticator, as the database has it now. */
  settings: Settings & { agentId: string };
}

/**
 * What a channel sends by, read from the database for each message: NocoBase keeps a channel's options, and no node hears of
 * another secret or Agent ID.
 *
 * @throws CodedError MESSAGES_OFF, AUTHENTICATOR_UNAVAILABLE, NOT_CONFIGURED, AGENT_ID_REQUIRED
 */
export async function senderOf(app: Application, afterwards: Afterwards, channel: ChannelSettings): Promise<Sender> {
  if (isDirectoryOff()) {
    throw new CodedError('MESSAGES_OFF');
  }
  const authenticator = await requireAuthenticator(backgroundContext(app), channel.authenticator);
  // Links tell every receiver the Corp ID.
  const { agentId, ...settings } = authenticator.published;
  if (!isWellFormedAgentId(agentId)) {
    throw new CodedError('AGENT_ID_REQUIRED');
  }
  return { app, afterwards, channel, authenticator, settings: { ...settings, agentId } };
}

/** @throws CodedError MESSAGE_TOO_LONG */
export function composeFor(
  channel: ChannelSettings,
  { corpId, agentId }: Pick<Settings, 'corpId' | 'agentId'>,
  content: Content,
): Composed {
  const frame = { ...channel, corpId, agentId };
  return compose(content, {
    ...frame,
    home: linkTo('/admin', frame)?.address,
    time: channel.appendsTime ? stamp() : undefined,
  });
}

/** What became of a message, and what is needed to ask for its result. */
export interface Delivery {
  outcome: Outcome;
  /** Those whom DingTalk took it over for, by the task. */
  tasks: { task: string; people: Map<string, Receiver> }[];
}

/**
 * Sends a message to users.
 *
 * @throws CodedError NO_RECEIVERS, MESSAGES_PAUSED
 */
export async function deliver(sender: Sender, composed: Composed, userIds: string[]): Promise<Delivery> {
  const { app, afterwards, authenticator, settings, channel } = sender;
  if (!userIds.length) {
    throw new CodedError('NO_RECEIVERS');
  }
  const { silence } = limitsOf(settings.clientId);
  if (silence.isExpected()) {
    throw new CodedError('MESSAGES_PAUSED');
  }
  const tally = { answered: 0, unanswered: 0 };
  const signal = AbortSignal.timeout(MESSAGE_MS);
  const receivers = await findReceivers(app.db, authenticator, settings, userIds.slice(0, PEOPLE_A_MINUTE));
  await lookUp(sender, receivers, { tally, signal });
  const reachable = receivers.filter(({ loss }) => loss === undefined);
  const people = new Map(reachable.map((receiver) => [String(receiver.userid), receiver]));
  const { sent, counted } = await sendToAll(app, [...people.keys()], {
    settings,
    message: composed.message,
    tally,
    signal,
    callMs: CALL_MS,
  });
  silence.note(tally);
  if (counted) {
    // A count that failed would otherwise be told as a message that nobody got, which would then be sent again.
    afterwards.run(async () => {
      await countCalls(app, settings.clientId, counted);
      await warnOfQuota(app, settings.clientId, channel.quota);
    });
  }
  const tooMany = userIds
    .slice(PEOPLE_A_MINUTE)
    .map((userId) => ({ code: 'TOO_MANY_A_MINUTE' as const, name: userId }));
  const losses = [
    ...receivers.flatMap(({ loss, name, userId }) => (loss ? [{ code: loss, name: name || userId }] : [])),
    ...lossesOf(sent, people),
    ...tooMany,
  ];
  const accepted = sent.filter(({ isAccepted }) => isAccepted);
  const tasks = accepted.flatMap(({ task, userids }) => (task ? [{ task, people: ofThese(userids, people) }] : []));
  return {
    tasks,
    outcome: {
      all: userIds.length,
      accepted: accepted.reduce((sum, { userids }) => sum + userids.length, 0),
      tasks: tasks.map(({ task }) => task),
      losses: gather(losses),
      isShortened: composed.isShortened,
      refusedLinks: composed.refusedLinks,
      isAsked: channel.asksResult && tasks.length > 0,
    },
  };
}

/** Those of these userids. */
const ofThese = (userids: string[], people: Map<string, Receiver>): Map<string, Receiver> =>
  new Map(
    userids.flatMap((userid) => {
      const receiver = people.get(userid);
      return receiver ? [[userid, receiver]] : [];
    }),
  );

const lossesOf = (sent: Sent[], people: Map<string, Receiver>) =>
  sent.flatMap(({ isAccepted, loss = 'MESSAGE_REFUSED', userids, dingTalkCode }) =>
    isAccepted ? [] : userids.map((userid) => ({ code: loss, name: people.get(userid)?.name ?? '', dingTalkCode })),
  );

/** Asks DingTalk for the userids that nobody knows, and keeps them. */
async function lookUp(
  { app, settings, authenticator, afterwards }: Sender,
  all: Receiver[],
  { tally, signal }: { tally: Tally; signal: AbortSignal },
) {
  const unknown = all.filter(({ loss, userid }) => loss === undefined && userid === undefined);
  const until = AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_MS)]);
  const found = await askUserids(app, unknown, { settings, tally, signal: until, callMs: CALL_MS });
  const useridAt = Date.now();
  for (const [receiver, answer] of found) {
    if ('loss' in answer) {
      receiver.loss = answer.loss;
    } else {
      receiver.userid = answer.userid;
    }
  }
  // Two of them would be a list of two: the second one a stranger.
  for (const receiver of all.filter(({ userid }) => userid?.includes(','))) {
    receiver.loss ??= 'RECEIVER_REFUSED';
  }
  const kept = unknown.filter(({ userid }) => userid !== undefined);
  if (kept.length) {
    afterwards.run(async () => {
      for (const receiver of kept) {
        const { userid } = receiver;
        await withWriteLock({ app, db: app.db }, () =>
          keepUserid(app.db, authenticator.name, receiver, { userid, useridOf: settings.clientId, useridAt }),
        );
      }
    });
  }
}

interface ResultRequest {
  pauses: number[];
  signal: AbortSignal;
}

/** What DingTalk says, some seconds later, of those for whom it took the message over. */
export async function resultOf(
  { app, settings, authenticator }: Sender,
  { outcome, tasks }: Delivery,
  { pauses, signal }: ResultRequest,
): Promise<Outcome> {
  const told: { name: string; fate: Fate | undefined }[] = [];
  for (const { fates, people } of await Promise.all(
    tasks.map(async ({ task, people: all }) => {
      const asked = { settings, task, userids: [...all.keys()], pauses, callMs: CALL_MS, signal };
      const answer = await askFates(app, asked);
      await countCalls(app, settings.clientId, answer.counted);
      return { ...answer, people: all };
    }),
  )) {
    for (const [userid, receiver] of people) {
      const fate = fates.get(userid);
      told.push({ name: receiver.name, fate });
      if (typeof fate === 'object' && fate.loss === 'LOST_INVALID') {
        // Whoever has it now is somebody else, or nobody.
        const forgotten = { userid: undefined, useridOf: undefined, useridAt: undefined };
        await withWriteLock({ app, db: app.db }, () => keepUserid(app.db, authenticator.name, receiver, forgotten));
      }
    }
  }
  return withFates(outcome, told);
}

function withFates(outcome: Outcome, told: { name: string; fate: Fate | undefined }[]): Outcome {
  const lost = told.flatMap(({ name, fate }) =>
    fate === 'delivered'
      ? []
      : [{ name, code: fate?.loss ?? ('NOT_TOLD_YET' as const), dingTalkCode: fate?.dingTalkCode }],
  );
  const losses: Loss[] = [...outcome.losses, ...gather(lost)];
  return { ...outcome, losses, delivered: told.filter(({ fate }) => fate === 'delivered').length };
}
