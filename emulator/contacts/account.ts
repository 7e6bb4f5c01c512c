import { hasGranted, requireUserGrant } from '../authentication/access';
import { API_CONTENT_TYPE, type Endpoint, withUnset } from '../http/endpoint';
import { errors } from '../http/errors';

const READ = 'Contact.User.Read';
const MOBILE = 'Contact.User.mobile';

export const maskMobile = (mobile: string): string => `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;

/** Document: dingtalk-retrieve-user-information. The profile of the account itself, which belongs to no organization. */
const me: Endpoint = {
  name: 'users/me',
  method: 'get',
  path: '/v1.0/contact/users/:unionId',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const grant = requireUserGrant(ctx, platform, READ);
    const { settings, accounts } = platform.data;
    const unionId: unknown = ctx.params.unionId;
    const account =
      unionId === 'me' ? platform.account(grant.account) : accounts.find((each) => each.unionId === unionId);
    if (!account) {
      throw errors.noUser();
    }

    const { nick, openId, avatarUrl, email } = account;
    const showsMobile = hasGranted(platform, grant, MOBILE);
    const masked = platform.app(grant.clientId)?.kind === 'isv';
    const stateCode = account.stateCode && `${settings.stateCodePlus ? '+' : ''}${account.stateCode}`;
    return {
      ...withUnset({ nick, unionId: account.unionId, avatarUrl, openId }, settings.unsetFields),
      ...(showsMobile &&
        withUnset(
          { mobile: masked ? account.mobile && maskMobile(account.mobile) : account.mobile },
          settings.unsetFields,
        )),
      ...((showsMobile || !settings.stateCodeNeedsPermission) && withUnset({ stateCode }, settings.unsetFields)),
      ...withUnset({ email }, settings.unsetFields),
      visitor: false,
    };
  },
};

/** Document: query-personal-authorization-records. */
const authRules: Endpoint = {
  name: 'authRules/user',
  method: 'get',
  path: '/v1.0/oauth2/authRules/user',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const grant = requireUserGrant(ctx, platform, READ);
    const mobile = { resource: 'Contact.User', authItems: ['mobile'] };
    return {
      result: [{ resource: 'rpc_auth', authItems: [READ] }, ...(hasGranted(platform, grant, MOBILE) ? [mobile] : [])],
    };
  },
};

export const accountEndpoints = [me, authRules];
