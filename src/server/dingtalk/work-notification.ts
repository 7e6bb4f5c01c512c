import { z } from 'zod';
import { listOf } from './address-book';
import { DingTalkError } from './errors';
import { label } from './http';
import { callOapi, userid } from './oapi';

// Work notifications (工作通知): what an app of the organization says to its members, in a conversation of their own.

/** What a message may take, as JSON in UTF-8. Over that, DingTalk answers success and drops the message. */
export const MAX_MESSAGE_BYTES = 2048;

/** To how many members one call sends, at the most. */
export const MAX_RECEIVERS = 100;

/** A message as DingTalk takes it. Document: `message-types-and-data-format`. */
export type WorkMessage =
  | { msgtype: 'text'; text: { content: string } }
  | { msgtype: 'markdown'; markdown: { title: string; text: string } }
  | { msgtype: 'action_card'; action_card: ActionCard }
  | { msgtype: 'oa'; oa: OaForm };

type ActionCard = {
  title: string;
  markdown: string;
  single_title?: string;
  single_url?: string;
  /** `0`: one button below the other, `1`: side by side. */
  btn_orientation?: '0' | '1';
  btn_json_list?: { title: string; action_url: string }[];
};

type OaForm = {
  message_url: string;
  head: {
    /** Opacity and color, as eight hexadecimal digits. */
    bgcolor: string;
    text: string;
  };
  body: { title?: string; content?: string; author?: string; form?: { key: string; value: string }[] };
};

export const sizeOf = (message: WorkMessage): number => Buffer.byteLength(JSON.stringify(message));

/** Whether it can be the Agent ID of an app. It may be larger than 32 bits; a number of JavaScript holds it exactly. */
export const isWellFormedAgentId = (agentId: string | undefined): agentId is string => /^\d{1,15}$/.test(agentId ?? '');

const SEND_PATH = '/topapi/message/corpconversation/asyncsend_v2';
const RESULT_PATH = '/topapi/message/corpconversation/getsendresult';

const sentSchema = z.object({
  /** Of DingTalk's task. A success without it is one all the same; its result cannot be asked. */
  task_id: label,
});

interface WorkNotification {
  agentId: string;
  /** 100 at the most. */
  userids: string[];
  message: WorkMessage;
}

/**
 * Sends members a message. DingTalk answers when it has taken the message over, not when it is delivered: what goes over a
 * limit, or to somebody who left, is dropped without an error, see `getSendResult`. Document:
 * `asynchronous-sending-of-enterprise-session-messages`.
 *
 * Never call it again after a failure of which `mayHaveSent` says so: everybody would get the message twice.
 *
 * @returns ID of DingTalk's task
 * @throws DingTalkError also `agent`, `quota`, `receivers`, `message`, `notMember`, `permission`, `ipNotAllowed`, `token`
 */
export async function sendWorkNotification(
  appToken: string,
  { agentId, userids, message }: WorkNotification,
  signal: AbortSignal,
): Promise<string | undefined> {
  const body = { agent_id: Number(agentId), userid_list: userids.join(','), msg: message };
  const { task_id: task } = await callOapi(SEND_PATH, sentSchema, { body, fieldsIn: 'answer', appToken, signal });
  return task;
}

/** No connection came about. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Whether DingTalk may have taken a message over although the call failed: there is no answer, or none that says so. What
 * DingTalk refuses with a code of its own, it has not taken; `-1` is a fault of its own, at whatever point.
 */
export function mayHaveSent(error: unknown): boolean {
  if (!(error instanceof DingTalkError)) {
    return true;
  }
  const { endpoint, kind, networkCode = '', dingTalkCode } = error;
  if (endpoint !== SEND_PATH || NOT_CONNECTED.has(networkCode) || kind === 'busy') {
    return false;
  }
  return kind === 'unreachable' || dingTalkCode === undefined || dingTalkCode === '-1';
}

const members = listOf(userid).catch([]);

export const sendResultSchema = z.object({
  send_result: z.object({
    invalid_user_id_list: members,
    forbidden_user_id_list: members,
    failed_user_id_list: members,
    read_user_id_list: members,
    unread_user_id_list: members,
    forbidden_list: listOf(z.object({ code: label, userid })).catch([]),
  }),
});

/** What became of a message. */
export interface SendResult {
  /** Who got it, whether it was read or not. */
  delivered: string[];
  /** Who is not, or no longer, a member. */
  invalid: string[];
  /** Who is outside of what the app may see. */
  outside: string[];
  failed: string[];
  /** Of whom DingTalk says why it dropped the message, by its code. */
  dropped: { userid: string; code: string }[];
}

/**
 * What became of a message, for 24 hours. It counts among the calls of the month. Document:
 * `gets-the-result-of-sending-messages-asynchronously-to-the-enterprise`.
 *
 * @param taskId of `sendWorkNotification`
 * @throws DingTalkError also `agent`, `quota`, `permission`, `ipNotAllowed`, `token`
 */
export async function getSendResult(
  appToken: string,
  { agentId, taskId }: { agentId: string; taskId: string },
  signal: AbortSignal,
): Promise<SendResult> {
  const body = { agent_id: Number(agentId), task_id: Number(taskId) };
  const request = { body, fieldsIn: 'answer', appToken, signal } as const;
  const { send_result: result } = await callOapi(RESULT_PATH, sendResultSchema, request);
  return {
    delivered: [...result.read_user_id_list, ...result.unread_user_id_list],
    invalid: result.invalid_user_id_list,
    outside: result.forbidden_user_id_list,
    failed: result.failed_user_id_list,
    dropped: result.forbidden_list.map(({ userid: dropped, code = '' }) => ({ userid: dropped, code })),
  };
}
