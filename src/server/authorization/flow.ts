import { randomBytes } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import { CodedError } from '../http/coded-error';
import { CODE, deleteCookie, FLOW_ID, LIFETIME_MS, readSignedCookie, setSignedCookie, UsedOnce } from './signed-cookie';

const flowSchema = z.object({
  /** What was begun. It finishes nothing else. */
  purpose: z.enum(['signIn', 'signInInside', 'link', 'test']),
  /** Name of the authenticator that was chosen. */
  authenticator: z.string(),
  /** Address of the callback page of the client that began; none where DingTalk redirects no browser. */
  callback: z.string().optional(),
  /** Path that opens after the sign-in. */
  redirect: z.string().optional(),
  /** ID of the user who began to link an account, or a test; only for the purposes `link` and `test`. */
  userId: z.string().optional(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/** A flow that was begun: until when its user may take, and whatever follows from it. */
export type BegunFlow = z.infer<typeof flowSchema>;

/**
 * A sign-in or a linking under way. It is stored in the browser that began it, and nowhere else, so that any node can
 * finish it and a flood of beginnings fills no memory.
 */
export type Flow = Omit<BegunFlow, 'expires'>;

/** States that this process has seen the end of. Another node may accept one again; DingTalk refuses its code there. */
const usedStates = new UsedOnce();

/**
 * Begins a flow: its signed record is set as an HttpOnly cookie.
 *
 * @returns the state, which travels through DingTalk: 43 characters
 */
export function beginFlow(ctx: Context, flow: Flow): string {
  const state = randomBytes(32).toString('base64url');
  const expires = Date.now() + LIFETIME_MS;
  setSignedCookie(ctx, cookieOf(state), { ...flow, expires }, expires);
  return state;
}

/** The flow that this browser began with this state, or undefined where there is none, or it has ended. */
export function readFlow(ctx: Context, state: string): BegunFlow | undefined {
  const record = usedStates.has(state) ? undefined : readSignedCookie(ctx, cookieOf(state));
  const { data: flow } = flowSchema.safeParse(record);
  return flow && flow.expires > Date.now() ? flow : undefined;
}

/** As `beginFlow` makes it. */
export const stateSchema = z.string().regex(/^[\w-]{43}$/);

/** What a page inside the DingTalk client brings, which has the code from DingTalk itself. */
export const insideParams = z.object({ code: z.string().min(1).max(512), state: stateSchema });

/** What a callback page brings: the code is in a cookie, see `keepCode`. */
export const callbackParams = z.object({ flow: z.string().regex(/^[\w-]{16}$/) });

/**
 * Ends the flow that this browser began with this state.
 *
 * @param expects whether the flow is one that the caller can finish: one of another purpose, another authenticator or
 * another user must not be
 * @throws CodedError STATE_INVALID where there is no such flow; it does not end then
 */
export function finishFlow(ctx: Context, state: string, expects: (flow: Flow) => boolean): BegunFlow {
  const flow = readFlow(ctx, state);
  if (!flow || !expects(flow)) {
    throw new CodedError('STATE_INVALID');
  }
  endFlow(ctx, state);
  return flow;
}

/** Ends a flow before its result is known: its state is never accepted again, not even after a failure. */
export function endFlow(ctx: Context, state: string): void {
  usedStates.add(state);
  deleteCookie(ctx, cookieOf(state).name);
  deleteCookie(ctx, codeCookieOf(idOf(state)).name);
}

const approvalSchema = z.object({ code: z.string(), state: stateSchema });

/** The flow that DingTalk came back for, and the code that it brought. */
type Approval = z.infer<typeof approvalSchema>;

/**
 * Keeps an authorization code in the browser of its flow, where no script, no address and no Referer has it, until the
 * callback page asks for it. Whoever has the ID has neither: it names two cookies, and no flow ends by it in a browser
 * that does not have both.
 *
 * @returns the ID, for the address of the callback page
 */
export function keepCode(ctx: Context, { code, state }: Approval, { expires }: BegunFlow): string {
  const id = idOf(state);
  setSignedCookie(ctx, codeCookieOf(id), { code, state }, expires);
  return id;
}

/** What came back to this browser for this flow, or undefined. */
export function readCode(ctx: Context, id: string): Approval | undefined {
  return approvalSchema.safeParse(readSignedCookie(ctx, codeCookieOf(id))).data;
}

/** The flow that a callback page names, or undefined. */
export const readApproved = (ctx: Context, id: string): BegunFlow | undefined =>
  readFlow(ctx, readCode(ctx, id)?.state ?? '');

/**
 * The same as `finishFlow`, for the flow that a callback page names.
 *
 * @throws CodedError STATE_INVALID where no code came back to this browser for it
 */
export function finishApproved(
  ctx: Context,
  id: string,
  expects: (flow: Flow) => boolean,
): Approval & { flow: BegunFlow } {
  const { code, state } = readCode(ctx, id) ?? {};
  if (!code || !state) {
    throw new CodedError('STATE_INVALID');
  }
  return { flow: finishFlow(ctx, state, expects), code, state };
}

/** By which a flow's cookies are named: 96 bits of its state, so that two are never the same. */
const idOf = (state: string) => state.slice(0, FLOW_ID);

/** Each flow has a cookie of its own, so that two tabs of one browser do not end each other's flow. */
const cookieOf = (state: string) => ({ kind: 'sign-in flow', name: idOf(state), owner: state }) as const;

const codeCookieOf = (id: string) => ({ kind: 'authorization code', name: id + CODE, owner: id }) as const;
