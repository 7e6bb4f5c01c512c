import type { Model } from '@nocobase/database';
import type { Entry } from '../../../shared/directory';
import { SMS_TYPE, waysInBesides } from '../../accounts/ways-in';
import { titleOf } from '../../configuration/titles';
import { backgroundContext } from '../../http/background';
import type { SourceContext } from './state';
import type { MemberChange, Plan } from '../types';

const API_KEYS = 'API_KEYS';

/** So many users are asked about at a time. */
const CHUNK = 1000;

/** Leavers whose users stay. */
const leaverOf = ({ step }: MemberChange): string | undefined =>
  step && ['detach', 'suspend', 'keep'].includes(step.type) && 'userId' in step ? step.userId : undefined;

/** A plan whose lines of leavers say by what their users can still sign in once it is written. */
export async function withWaysIn(context: SourceContext, plan: Plan): Promise<Plan> {
  const userIds = [...new Set(plan.members.flatMap((change) => leaverOf(change) ?? []))];
  const ways = new Map<string, string[]>();
  for (let begin = 0; begin < userIds.length; begin += CHUNK) {
    for (const [userId, found] of await remaining(context, userIds.slice(begin, begin + CHUNK))) {
      ways.set(userId, found);
    }
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
  const titleOfWay = ({ title, authType, name }: { title: string | null; authType: string; name: string }) =>
    titleOf(ctx, title || app.authManager.getAuthConfig(authType)?.title, name);
  const certain = await waysInBesides({ app, db }, { name: authenticator.name }, userIds);
  const bySms = await smsAuthenticators(context);
  const withPhone = bySms.length ? await usersWithPhone(context, userIds) : new Set<string>();
  // Those of who is detached have ended with the sessions.
  const withKeys = settings.leavers === 'keep' ? await usersWithKeys(context, userIds) : new Set<string>();
  return new Map(
    userIds.map((userId) => {
      const ways = certain.get(userId) ?? [];
      const sms = withPhone.has(userId) ? bySms.filter(({ name }) => !ways.some((way) => way.name === name)) : [];
      return [userId, [...[...ways, ...sms].map(titleOfWay), ...(withKeys.has(userId) ? [API_KEYS] : [])]];
    }),
  );
}

async function smsAuthenticators({ app, db }: SourceContext) {
  const rows: Model[] = app.authManager.getAuthConfig(SMS_TYPE)
    ? await db.getModel('authenticators').findAll({ where: { authType: SMS_TYPE, enabled: true }, order: ['sort'] })
    : [];
  return rows.map((row) => row.get() as { name: string; authType: string; title: string | null });
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
