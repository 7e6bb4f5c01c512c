import type { Context, Next } from '@nocobase/actions';
import type { Application } from '@nocobase/server';
import { z } from 'zod';
import { RESOURCE } from '../../shared/constants';
import type { ActionName, Actions } from '../../shared/contract';
import { CodedError } from './coded-error';
import { requireTrustedPage } from './origin';
import { loggedFields, putLoggedFields, setNoStore, takeBody } from './privacy';
import { refuse, type Topic } from './report';
import { tokenOf } from './token';

type Handler = (ctx: Context, next: Next) => Promise<void>;

export interface ActionDefinition {
  name: ActionName | 'redirect' | 'event';
  handler: Handler;
  /** `link` where it is left out. */
  topic?: Topic;
}

interface PostAction<Schema extends z.ZodType<object>, Answer> {
  topic: Topic;
  body: Schema;
  /** Name of the authenticator, for the log line of a failure; missing where the action is about none. */
  authenticatorOf?(ctx: Context, body: z.output<Schema>): string | undefined;
  run(ctx: Context, body: z.output<Schema>): Promise<Answer>;
}

/** A text in a body. No control characters: SQLite fails at a NUL. */
export const text = z.string().regex(/^\P{Cc}{0,255}$/u);

/** Eighteen digits fit into a bigint; PostgreSQL fails at more. One spelling of each, as IDs are compared as texts. */
export const rowId = z
  .union([z.number().int().nonnegative(), z.string().regex(/^(0|[1-9]\d{0,17})$/)])
  .transform(String);

/** The body of an action that needs nothing to be told. */
export const noBody = z.custom<object>((body) => typeof body === 'object');

/** Does not compile where the schema would refuse what the contract says that clients send. */
type Accepts<Request, Schema extends z.ZodType> = Required<Request> extends z.input<Schema> ? unknown : never;

/**
 * Defines an action that accepts POST alone, from pages of this NocoBase and from programs. NocoBase runs an action
 * whatever the method, and any page of another site can cause a GET.
 *
 * A failure is logged, and answered with its code and its sentence. The body gets into no log, see `putLoggedFields`.
 */
export function definePostAction<Name extends ActionName, Schema extends z.ZodType<object>>(
  name: Name,
  definition: PostAction<Schema, Actions[Name]['answer']> & Accepts<Actions[Name]['request'], Schema>,
): ActionDefinition {
  const { topic, body: schema, authenticatorOf, run }: PostAction<Schema, Actions[Name]['answer']> = definition;
  const handler: Handler = async (ctx, next) => {
    setNoStore(ctx);
    let authenticator: string | undefined;
    try {
      const { data: body } = schema.safeParse(ctx.method === 'POST' && takeBody(ctx));
      if (!body) {
        throw new CodedError('REQUEST_INVALID');
      }
      putLoggedFields(ctx, body);
      authenticator = authenticatorOf?.(ctx, body);
      requireTrustedPage(ctx);
      ctx.body = await run(ctx, body);
    } catch (error) {
      refuse(ctx, topic, error, { authenticator, userId: concernedUser(ctx) });
    }
    await next();
  };
  return { name, handler, topic };
}

/** For the log: the ID of the user whom the request names, else of the one who sent it. */
function concernedUser(ctx: Context): string | undefined {
  const id = loggedFields(ctx).user ?? ctx.state.currentUser?.id;
  return id === undefined ? undefined : String(id);
}

/**
 * Who may call an action: every client; users in a session; users whose role may open the settings of authenticators, and
 * those of them who are in a session; users whose role may open the settings of sources of users; users who choose an authenticator for a source or a channel, whose settings they cannot open; those
 * who manage channels, and those of them who are in a session; those who write messages.
 */
type Access = 'public' | 'session' | keyof typeof snippets;

/**
 * NocoBase's own settings snippets, to which the actions are added: whoever may open a page may use what is on it. A snippet
 * below one of these would be another right, which `!pm.user-data-sync` does not take away.
 */
const snippets = {
  administrators: ['pm.auth.authenticators'],
  testers: ['pm.auth.authenticators'],
  sources: ['pm.user-data-sync'],
  choosers: ['pm.user-data-sync', 'pm.notification.channels'],
  channels: ['pm.notification.channels'],
  senders: ['pm.notification.channels'],
  writers: ['pm.notification.channels', 'pm.workflow.workflows'],
};

/** Which of them are persons: an API key is none. */
const persons: Access[] = ['session', 'testers', 'senders'];

/** Adds actions to the resource `dingtalk`, and opens them to those who may call them. */
export function registerActions(app: Application, access: Access, actions: ActionDefinition[]): void {
  const { acl, resourceManager } = app;
  if (!resourceManager.isDefined(RESOURCE)) {
    resourceManager.define({ name: RESOURCE });
  }
  const resource = resourceManager.getResource(RESOURCE);
  for (const { name, handler, topic } of actions) {
    // Another DingTalk plugin may have defined the same action: `addAction` would throw, and NocoBase would not start.
    resource.actions.delete(name);
    // NocoBase declares less of the context here than it hands to an action.
    resource.addAction(
      name,
      (persons.includes(access) ? inSession(handler, topic) : handler) as Parameters<typeof resource.addAction>[1],
    );
  }
  const names = actions.map(({ name }) => name);
  if (access === 'public' || access === 'session') {
    acl.allow(RESOURCE, names, access === 'session' ? 'loggedIn' : access);
  } else {
    for (const name of snippets[access]) {
      acl.registerSnippet({ name, actions: names.map((action) => `${RESOURCE}:${action}`) });
    }
  }
}

/**
 * Refuses API keys, and whatever else NocoBase accepts as a token that no person signed in for: whoever holds a key for
 * a day could otherwise link an account of their own, and sign in with it for ever.
 */
function inSession(handler: Handler, topic: Topic = 'link'): Handler {
  return async (ctx, next) => {
    if (!tokenOf(ctx)?.isSession) {
      // NocoBase would log the body.
      takeBody(ctx);
      setNoStore(ctx);
      const error = new CodedError('SESSION_REQUIRED');
      refuse(ctx, topic, error, { userId: concernedUser(ctx) });
    }
    await handler(ctx, next);
  };
}
