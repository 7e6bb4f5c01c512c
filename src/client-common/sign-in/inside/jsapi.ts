import 'dingtalk-jsapi/platform';
import setTitle from 'dingtalk-jsapi/api/biz/navigation/setTitle';
import requestAuthCodeOfOldClients from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import requestAuthCodeOfClients from 'dingtalk-jsapi/api/union/requestAuthCode';
import type { DingTalkClientCode } from '../../../shared/codes';
import { JsapiError } from './jsapi-error';

/** Some clients never answer a call, and the curtain would cover the page for ever. */
const TIMEOUT_MS = 5000;

/** What a call that the client does not know ends with: 1 from the client, the others from `dingtalk-jsapi` itself. */
const UNKNOWN_CALL = new Set(['1', '4050', '4060']);

const codes = new Map<string, DingTalkClientCode>([
  ['-1', 'ACCESS_DENIED'],
  ['1', 'CLIENT_TOO_OLD'],
  ['3', 'DOMAIN_NOT_REGISTERED'],
  ['4040', 'CLIENT_TOO_OLD'],
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
    throw error instanceof JsapiError ? error : new JsapiError(meaningOf(error));
  }
}

/**
 * Sets the title in the client's bar above the page, as the client does not notice every change of a page's title.
 * DingTalk document: `set-the-navigation-bar-title`.
 */
function showTitle(title: string): void {
  setTitle({ title }).catch(() => undefined);
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
