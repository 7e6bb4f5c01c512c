import type { Context } from 'koa';
import { Refusal } from '../http/errors';

/** What a page's `onFail` gets. The clients do not agree on the type of `errorCode`; see the setting `jsapiErrorCode`. */
const jsapiError = (errorCode: string, errorMessage: string) => new Refusal(200, { errorCode, errorMessage });

export const jsapiErrors = {
  cancelled: () => jsapiError('-1', '用户取消'),
  absent: () => jsapiError('1', '接口不存在'),
  denied: () => jsapiError('7', '没有权限'),
  outsider: () => jsapiError('3', '用户不在该企业中'),
  corpId: () => jsapiError('3', '1002,corpId不合法'),
  domain: (host: string, wording: 'recent' | 'classic') =>
    jsapiError(
      '3',
      wording === 'recent' ? `对应企业没有${host}域名微应用` : '1002, err msg redirect_uri domain is not secure domain',
    ),
};

/** The domain of the page that asks. It is read from the Origin header, which the page cannot forge. */
export function pageHost(ctx: Context): string {
  const origin = ctx.get('origin');
  return URL.canParse(origin) ? new URL(origin).hostname : '';
}
