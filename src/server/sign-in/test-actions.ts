import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { z } from 'zod';
import { LINK_PATH, TEST_PAGE } from '../../shared/constants';
import { hiddenAmong, mayAll } from '../accounts/administrators';
import { idOf } from '../accounts/bindings';
import type { Decision } from '../accounts/identify';
import { beginInBrowser } from '../authorization/browser';
import { callbackParams, finishApproved, type Flow, readApproved } from '../authorization/flow';
import { Authenticator, requireAuthenticator } from '../configuration/authenticators';
import { findingsOfNocoBase, type Found } from '../configuration/findings';
import { readNocoBase } from '../configuration/nocobase';
import { type ActionDefinition, definePostAction, text } from '../http/actions';
import { callbackAddresses, requireOwnAddresses } from '../http/addresses';
import { CodedError } from '../http/coded-error';
import { reportFailure, sayWithCode, toFinding } from '../http/report';
import { tokenOf } from '../http/token';
import { foretell } from './find-user';
import { findingOfDecision, findingsOfAccount, userOf } from './test-findings';
import { keepForm, takeForm } from './waiting-form';

const topic = 'sign-in test';

const currentUserId = (ctx: Context): string => String(ctx.state.currentUser.id);

const begin = definePostAction('testSignIn', {
  topic,
  body: callbackAddresses.extend({ authenticator: text.default(''), options: z.record(z.string(), z.unknown()) }),
  authenticatorOf: (_, { authenticator }) => authenticator,
  async run(ctx, { authenticator: name, options, callback, redirectUri }) {
    requireOwnAddresses(ctx, { callback, redirectUri }, LINK_PATH);
    const authenticator = await unsaved(ctx, name, options);
    const flow = { purpose: 'test', callback: callback + TEST_PAGE, userId: currentUserId(ctx) } as const;
    const url = await beginInBrowser(ctx, authenticator, redirectUri, flow);
    await keepForm(ctx, stateIn(url), { name, options, session: sessionOf(ctx) });
    return { url };
  },
});

/**
 * `POST dingtalk:testSignIn` begins a sign-in by a form that is not saved. The form was taken out of the request before
 * NocoBase checked the session, see `takeForm` of the configuration check, and is handed over here.
 */
export const testSignIn: ActionDefinition = {
  ...begin,
  handler(ctx: Context, next: Next) {
    ctx.action.params.values = ctx.state.dingtalkForm;
    return begin.handler(ctx, next);
  },
};

/**
 * `POST dingtalk:getTestResult` says what the sign-in would have come to. The cookie of the flow proves that this browser
 * and this user began it, and the form that this session did: who signs in here later is told nothing.
 */
export const getTestResult = definePostAction('getTestResult', {
  topic,
  body: callbackParams,
  authenticatorOf: (ctx, { flow }) => readApproved(ctx, flow)?.authenticator,
  async run(ctx, { flow }) {
    const userId = currentUserId(ctx);
    const isOwn = (begun: Flow) => begun.purpose === 'test' && begun.userId === userId;
    const { code, state } = finishApproved(ctx, flow, isOwn);
    const { name, options, session } = await takeForm(ctx, state);
    if (session !== sessionOf(ctx)) {
      throw new CodedError('STATE_INVALID');
    }
    const found = await findIn(ctx, await unsaved(ctx, name, options), code);
    return found.map((one) => toFinding(ctx, one));
  },
});

const stateIn = (url: string): string => new URL(url).searchParams.get('state') ?? '';

/** When the session began. It stays the same while NocoBase renews the token. */
const sessionOf = (ctx: Context): number => tokenOf(ctx)?.began ?? 0;

/** An authenticator as it would be once the form were saved. It has the links of the one that is there. */
async function unsaved(ctx: Context, name: string, options: object): Promise<Authenticator> {
  const authenticators = ctx.db.getModel<AuthModel>('authenticators');
  const isSaved = name && (await authenticators.count({ where: { name } }));
  const model = isSaved ? (await requireAuthenticator(ctx, name, 'any')).model : authenticators.build({ name });
  model.set('options', options);
  return new Authenticator(ctx, model);
}

/** Every end of a test is one line of the log, as every end of a sign-in is. */
async function findIn(ctx: Context, authenticator: Authenticator, code: string): Promise<Found[]> {
  const { name, settings } = authenticator;
  const by = currentUserId(ctx);
  // The browser is here: DingTalk has sent it to the Redirect URL.
  const found: Found[] = [{ code: 'TEST_REDIRECT_URL' }];
  try {
    const decision = await foretell(ctx, authenticator, code, (account) =>
      found.push(...findingsOfAccount(account, settings)),
    );
    found.push(...(await findingsOfResult(ctx, authenticator, decision)));
    const user = userOf(decision);
    ctx.logger.info(`DingTalk ${topic}`, {
      outcome: 'refuse' in decision ? decision.refuse : 'TESTED',
      authenticator: name,
      rule: decision.rule,
      ...(user && { userId: idOf(user) }),
      by,
    });
  } catch (error) {
    if (!(error instanceof CodedError)) {
      throw error;
    }
    reportFailure(ctx, topic, error, { authenticator: name, userId: by });
    const sentence = sayWithCode(ctx, error.code, error.values);
    found.push(
      error.code === 'WRONG_ORGANIZATION'
        ? { code: 'TEST_REFUSED', values: { rule: '1', sentence } }
        : { code: 'TEST_FAILED', values: { sentence } },
    );
  }
  return found;
}

async function findingsOfResult(
  ctx: Context,
  authenticator: Authenticator,
  decision: Decision<Model>,
): Promise<Found[]> {
  const { settings, model } = authenticator;
  const user = userOf(decision);
  const found = findingOfDecision(decision, {
    user: user ? await wordsOf(ctx, authenticator, user) : '',
    sentence: 'refuse' in decision ? sayWithCode(ctx, decision.refuse) : '',
  });
  // Nobody is created here, so that NocoBase cannot refuse a user who lacks a field.
  const inTheWay =
    decision.rule === 8
      ? findingsOfNocoBase(settings, await readNocoBase(ctx, settings, model.options)).filter(
          (one) => one.code === 'NEW_USERS_INCOMPLETE',
        )
      : [];
  return [found, ...inTheWay];
}

/** By name oneself, and those whom the administrator may list; others, and privileged users, by the ID alone. */
async function wordsOf(ctx: Context, authenticator: Authenticator, user: Model): Promise<string> {
  const id = idOf(user);
  const hidden = await hiddenAmong(ctx, authenticator, [id]);
  const isNameable = id === currentUserId(ctx) || (mayAll(ctx, 'users', 'list') && !hidden.has(id));
  const name = isNameable && (user.get('nickname') || user.get('username'));
  return name ? `${name} (ID ${id})` : `ID ${id}`;
}
