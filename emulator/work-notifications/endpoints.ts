import type { Context } from 'koa';
import { requireOapiApp } from '../authentication/access';
import { isRecord, oapiEndpoint, oapiNumber, oapiParameter, parametersOf } from '../http/endpoint';
import { type Json, oapiError, oapiRequestId } from '../http/errors';
import type { App } from '../platform/data';
import type { Platform } from '../platform/platform';
import { type Fate, notificationsOf, type Task } from './notifications';

const MAX_RECEIVERS = 100;

/** What each type must have, as `message-types-and-data-format` says. */
const required: Record<string, string[]> = {
  text: ['content'],
  markdown: ['title', 'text'],
  action_card: ['title', 'markdown'],
  oa: ['message_url', 'head', 'body'],
  link: ['messageUrl', 'picUrl', 'title', 'text'],
};

const ok = (fields: Json): Json => ({ errcode: 0, ...fields, request_id: oapiRequestId() });

/** The app that sends, if its Agent ID is the right one and the organization has calls left. */
function requireSender(ctx: Context, platform: Platform): App {
  const app = requireOapiApp(ctx, platform, 'qyapi_base');
  const notifications = notificationsOf(platform);
  const agentId = oapiNumber(ctx, 'agent_id');
  if (agentId === undefined) {
    throw oapiError(41011, '缺少agentid');
  }
  if (agentId !== app.agentId) {
    throw oapiError(notifications.settings.wrongAgentId, '不合法的agentid');
  }
  if (!notifications.admits(app)) {
    throw oapiError(90020, '您的企业本月api调用量已超过限制');
  }
  return app;
}

function requireMessage(ctx: Context): Json {
  const { msg } = parametersOf(ctx);
  if (!isRecord(msg)) {
    throw oapiError(41, 'Invalid arguments:msg');
  }
  const { msgtype } = msg;
  const fields = typeof msgtype === 'string' && Object.hasOwn(required, msgtype) ? required[msgtype] : undefined;
  if (!fields) {
    throw oapiError(40008, '不合法的消息类型');
  }
  const body = msg[String(msgtype)];
  if (!isRecord(body) || fields.some((field) => !body[field])) {
    throw oapiError(41044, '缺少参数');
  }
  return msg;
}

/** Document: asynchronous-sending-of-enterprise-session-messages. The emulator sends to members that are named, alone. */
const send = oapiEndpoint('message/corpconversation/asyncsend_v2', (ctx, platform) => {
  const app = requireSender(ctx, platform);
  const userids = oapiParameter(ctx, 'userid_list').split(',').filter(Boolean);
  if (!userids.length) {
    throw oapiError(1, 'Platform System error');
  }
  if (userids.length > MAX_RECEIVERS) {
    throw oapiError(40032, '不合法的UserID列表长度');
  }
  return ok({ task_id: notificationsOf(platform).send(app, userids, requireMessage(ctx)).id });
});

function requireTask(ctx: Context, platform: Platform): Task {
  const app = requireSender(ctx, platform);
  const task = notificationsOf(platform).task(oapiNumber(ctx, 'task_id') ?? 0, app);
  if (!task) {
    throw oapiError(40035, '不合法的参数');
  }
  return task;
}

/** Document: gets-the-result-of-sending-messages-asynchronously-to-the-enterprise. */
const getResult = oapiEndpoint('message/corpconversation/getsendresult', (ctx, platform) => {
  const task = requireTask(ctx, platform);
  const notifications = notificationsOf(platform);
  const fates = [...task.fates];
  const of = (list: Fate['list']) => fates.filter(([, fate]) => fate.list === list).map(([userid]) => userid);
  const isRead = (userid: string) => notifications.isRead(userid, task.id);
  return ok({
    send_result: {
      invalid_user_id_list: of('invalid'),
      forbidden_user_id_list: of('forbidden'),
      failed_user_id_list: of('failed'),
      read_user_id_list: of('unread').filter(isRead),
      unread_user_id_list: of('unread').filter((userid) => !isRead(userid)),
      invalid_dept_id_list: [],
      forbidden_list: fates.flatMap(([userid, fate]) =>
        fate.list === 'dropped' ? [{ userid, code: fate.code, count: 1 }] : [],
      ),
    },
  });
});

/** Document: obtain-the-sending-progress-of-asynchronous-sending-of-enterprise-session. */
const getProgress = oapiEndpoint('message/corpconversation/getsendprogress', (ctx, platform) => {
  requireTask(ctx, platform);
  return ok({ progress: { progress_in_percent: 100, status: 2 } });
});

export const workNotificationEndpoints = [send, getResult, getProgress];
