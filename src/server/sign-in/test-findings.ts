import type { Decision } from '../accounts/identify';
import { cleanName } from '../accounts/names';
import { phoneOf } from '../accounts/phone';
import type { Found } from '../configuration/findings';
import type { DingTalkAccount } from '../dingtalk/api';

/** What DingTalk tells of an account: the phone number and the e-mail address are told of, never shown. */
export function findingsOfAccount(account: DingTalkAccount, { corpId }: { corpId?: string }): Found[] {
  const name = cleanName(account.nick);
  return [
    corpId ? { code: 'TEST_ORGANIZATION', values: { organization: corpId } } : { code: 'TEST_ANY_ORGANIZATION' },
    name ? { code: 'TEST_NAME', values: { name } } : { code: 'TEST_NAME_MISSING' },
    { code: phoneOf(account) ? 'TEST_PHONE' : 'TEST_PHONE_MISSING' },
    { code: account.email?.trim() ? 'TEST_EMAIL' : 'TEST_EMAIL_MISSING' },
  ];
}

/** Who would be signed in. Whom a refusal found is told to nobody. */
export function userOf<User>(decision: Decision<User>): User | undefined {
  switch (decision.rule) {
    case 2:
      return decision.signIn;
    case 3:
      return decision.rebind;
    case 5:
      return decision.bind;
    default:
      return undefined;
  }
}

/** @param words what stands for the user, and the sentence of a refusal */
export function findingOfDecision({ rule }: Decision<unknown>, words: { user: string; sentence: string }): Found {
  const { user, sentence } = words;
  switch (rule) {
    case 2:
      return { code: 'TEST_LINKED', values: { user } };
    case 3:
      return { code: 'TEST_OLD_KEY', values: { user } };
    case 5:
      return { code: 'TEST_MATCHED', values: { user } };
    case 8:
      return { code: 'TEST_CREATED' };
    default:
      return { code: 'TEST_REFUSED', values: { rule: String(rule), sentence } };
  }
}
