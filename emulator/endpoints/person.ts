import { API_TYPE, type Endpoint, granted, userGrant, withUnset } from '../endpoint';
import { errors } from '../errors';

const READ = 'Contact.User.Read';
const MOBILE = 'Contact.User.mobile';

export const maskMobile = (mobile: string): string => `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;

/** Document: dingtalk-retrieve-user-information. Personal data, which no organisation owns. */
export const me: Endpoint = {
  name: 'users/me',
  method: 'get',
  path: '/v1.0/contact/users/:unionId',
  contentType: API_TYPE,
  answer(ctx, world) {
    const grant = userGrant(ctx, world, READ);
    const { settings, accounts } = world.company;
    const unionId: unknown = ctx.params.unionId;
    const account = unionId === 'me' ? world.account(grant.account) : accounts.find((each) => each.unionId === unionId);
    if (!account) throw errors.noUser();

    const { nick, openId, avatarUrl, email } = account;
    const showsMobile = granted(world, grant, MOBILE);
    const masked = world.app(grant.clientId)?.kind === 'isv';
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
export const authRules: Endpoint = {
  name: 'authRules/user',
  method: 'get',
  path: '/v1.0/oauth2/authRules/user',
  contentType: API_TYPE,
  answer(ctx, world) {
    const grant = userGrant(ctx, world, READ);
    const mobile = { resource: 'Contact.User', authItems: ['mobile'] };
    return {
      result: [{ resource: 'rpc_auth', authItems: [READ] }, ...(granted(world, grant, MOBILE) ? [mobile] : [])],
    };
  },
};
