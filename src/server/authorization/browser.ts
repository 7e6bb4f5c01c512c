import type { Context } from '@nocobase/actions';
import { isOtherOrganization } from '../accounts/identify';
import type { Authenticator } from '../configuration/authenticators';
import type { Settings } from '../configuration/settings';
import { createAuthorizationUrl, type DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';
import { fetchAccount, mapDingTalkErrors } from './dingtalk-account';
import { beginFlow, type Flow } from './flow';

/**
 * Begins a sign-in or a linking in a browser, and sets the cookie of the flow.
 *
 * @returns address of DingTalk's page where the user approves
 * @throws CodedError
 */
export async function beginInBrowser(
  ctx: Context,
  { name, published }: Authenticator,
  redirectUri: string,
  flow: Omit<Flow, 'authenticator'>,
): Promise<string> {
  const { clientId, corpId, dedicatedAccounts } = published;
  const state = beginFlow(ctx, { ...flow, authenticator: name });
  return mapDingTalkErrors(() => createAuthorizationUrl({ clientId, redirectUri, state, corpId, dedicatedAccounts }));
}

/**
 * The account that approved in a browser: two calls to DingTalk, the second only for the organization of the settings.
 *
 * @param code authorization code; it works once
 * @throws CodedError
 */
export function fetchApprovedAccount(settings: Settings, code: string): Promise<DingTalkAccount> {
  return fetchAccount(settings, code, (corpId) => {
    if (isOtherOrganization(settings, corpId)) {
      throw new CodedError('WRONG_ORGANIZATION');
    }
  });
}
