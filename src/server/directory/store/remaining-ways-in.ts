import type { Model } from '@nocobase/database';
import type { Entry } from '../../../shared/directory';
import { type AuthenticatorRow, SMS_TYPE, waysInOf } from '../../accounts/ways-in';
import { nameOnSignInPage } from '../../configuration/titles';
import { backgroundContext } from '../../http/background';
import { chunksOf } from './rows';
import type { SourceContext } from './state';
import type { MemberChange, Plan } from '../types';

const API_KEYS = 'API_KEYS';

/** Leavers whose users stay. */
const leaverOf = ({ step }: MemberChange): string | undefined =>
  step && ['detach', 'suspend', 'keep'].includes(step.type) && 'userId' in step ? step.userId : undefined;

/** A plan whose lines of leavers say by what their users can still sign in once it is written. */
export async function withWaysIn(context: SourceContext, plan: Plan): Promise<Plan> {
  const userIds = [...new Set(plan.members.flatMap((change) => leaverOf(change) ?? []))];
  const ways = new Map<string, string[]>();
  for (const some of chunksOf(userIds)) {
    (await remaining(context, some)).forEach((found, userId) => ways.set(userId, found));
  }
  const replaced = new Map<Entry, Entry>();
  const members = plan.members.map((change) => {
    const waysIn = ways.get(leaverOf(change) ?? '');
    if (!waysIn?.length) {
      return change;
    }
    const entry = { ...change.entry, waysIn };
    replaced.set(change.entry, entry);
    return { ...change, entry };
  });
  return { ...plan, members, entries: plan.entries.map((entry) => replaced.get(entry) ?? entry) };
}

async function remaining(context: SourceContext, userIds: string[]): Promise<Map<string, string[]>> {
  const { app, db, authenticator, settings } = context;
  const ctx = backgroundContext(app);
  const certain = await waysInOf({ app, db }, userIds, { besides: { name: authenticator.name } });
  const bySms = await smsAuthenticators(context);
  const withPhone = bySms.length ? await usersWithPhone(context, userIds) : new Set<string>();
  // Those of who is detached have ended with the sessions.
  const withKeys = settings.leavers === 'keep' ? await usersWithKeys(context, userIds) : new Set<string>();
  return new Map(
    userIds.map((userId) => {
      const ways = certain.get(userId) ?? [];
      const sms = withPhone.has(userId) ? bySms.filter(({ name }) => !ways.some((way) => way.name === name)) : [];
      const titles = [...ways, ...sms].map((way) => nameOnSignInPage(ctx, way));
      return [userId, [...titles, ...(withKeys.has(userId) ? [API_KEYS] : [])]];
    }),
  );
}

async function smsAuthenticators({ app, db }: SourceContext) {
  const rows: Model[] = app.authManager.getAuthConfig(SMS_TYPE)
    ? await db.getModel('authenticators').findAll({ where: { authType: SMS_TYPE, enabled: true }, order: ['sort'] })
    : [];
  return rows.map((row) => row.get() as AuthenticatorRow);
}

async function usersWithPhone({ db }: SourceContext, userIds: string[]): Promise<Set<string>> {
  const rows: Model[] = await db.getModel('users').findAll({ attributes: ['id', 'phone'], where: { id: userIds } });
  return new Set(rows.filter((row) => row.get('phone')).map((row) => String(row.get('id'))));
}

async function usersWithKeys({ db }: SourceContext, userIds: string[]): Promise<Set<string>> {
  const rows: Model[] = db.hasCollection('apiKeys')
    ? await db.getModel('apiKeys').findAll({ attributes: ['createdById'], where: { createdById: userIds } })
    : [];
  return new Set(rows.map((row) => String(row.get('createdById'))));
}
