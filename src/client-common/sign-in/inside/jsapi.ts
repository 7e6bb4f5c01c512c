import 'dingtalk-jsapi/platform';
import 'dingtalk-jsapi/platform/gdt/standardAndroid';
import 'dingtalk-jsapi/platform/gdt/standardIos';
import setTitle from 'dingtalk-jsapi/api/biz/navigation/setTitle';
import requestAuthCodeOfOldClients from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import requestAuthCodeOfClients from 'dingtalk-jsapi/api/union/requestAuthCode';
import { ddSdk } from 'dingtalk-jsapi/lib/ddSdk';
import type { DingTalkClientCode } from '../../../shared/codes';
import { JsapiError, UNKNOWN_CLIENT } from './jsapi-error';

// The builds of DingTalk that organizations have for themselves (专有钉钉) have the bridges of the usual ones, but the
// library knows none of its calls there, and would refuse them before it asks the client.
for (const call of [
  'runtime.permission.requestAuthCodeV2',
  'runtime.permission.requestAuthCode',
  'biz.navigation.setTitle',
]) {
  ddSdk.setAPI(call, { gdtStandardAndroid: {}, gdtStandardIos: {} });
}

/** Some clients never answer a call, and the curtain would cover the page for ever. */
const TIMEOUT_MS = 5000;

/** What a call that the client does not know ends with: 1 from the client, the others from `dingtalk-jsapi` itself. */
const UNKNOWN_CALL = new Set(['1', '4050', '4060']);

/** What `dingtalk-jsapi` says of a client for which it has no bridge: in the text of an error alone, by its version. */
const NO_BRIDGE = /\b4040\b/;

const codes = new Map<string, DingTalkClientCode>([
  ['-1', 'ACCESS_DENIED'],
  ['1', 'CLIENT_TOO_OLD'],
  ['3', 'DOMAIN_NOT_REGISTERED'],
  ['4050', 'CLIENT_TOO_OLD'],
  ['4060', 'CLIENT_TOO_OLD'],
]);

/**
 * An authorization code of the user of the DingTalk client. It works once, within five minutes. DingTalk documents:
 * `jsapi-request-auth-code`, and for clients before 7.0.45
 * `obtain-the-micro-application-exemption-authorization-code`.
 *
 * @throws JsapiError
 */
async function requestAuthCode(app: { clientId: string; corpId: string }): Promise<string> {
  try {
    const answer = requestAuthCodeOfClients(app).catch((error) =>
      UNKNOWN_CALL.has(codeOf(error)) ? requestAuthCodeOfOldClients({ corpId: app.corpId }) : Promise.reject(error),
    );
    return (await Promise.race([answer, silence()])).code;
  } catch (error) {
    const code = error instanceof JsapiError ? error.code : meaningOf(error);
    throw new JsapiError(code !== 'ACCESS_DENIED' && isUnknownClient(error) ? UNKNOWN_CLIENT : code);
  }
}

/**
 * Sets the title in the client's bar above the page, as the client does not notice every change of a page's title.
 * DingTalk document: `set-the-navigation-bar-title`.
 */
function showTitle(title: string): void {
  setTitle({ title }).catch(() => undefined);
}

/** Whether nobody can say what a failure means there: a build of an organization's own may lack the call, or any bridge. */
function isUnknownClient(error: unknown): boolean {
  return /TaurusApp/i.test(navigator.userAgent) || (error instanceof Error && NO_BRIDGE.test(error.message));
}

function silence(): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new JsapiError('CLIENT_SILENT')), TIMEOUT_MS));
}

/** A number in some clients, a string in others. */
function codeOf(error: unknown): string {
  return String((error as { errorCode?: unknown } | undefined)?.errorCode);
}

/** Clients answer 3 both for a page and for an organization that they do not know; only the message tells which. */
function meaningOf(error: unknown): DingTalkClientCode {
  const message = String((error as { errorMessage?: unknown } | undefined)?.errorMessage);
  return codeOf(error) === '3' && /corpId/i.test(message)
    ? 'CORP_ID_INVALID'
    : (codes.get(codeOf(error)) ?? 'CLIENT_REFUSES');
}

export default () => ({ requestAuthCode, showTitle });
