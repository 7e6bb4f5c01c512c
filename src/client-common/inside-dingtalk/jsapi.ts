import 'dingtalk-jsapi/platform';
import setTitle from 'dingtalk-jsapi/api/biz/navigation/setTitle';
import requestAuthCodeOfOldClients from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import requestAuthCodeOfClients from 'dingtalk-jsapi/api/union/requestAuthCode';
import type { DingTalkClientCode } from '../../shared/codes';
import { JsapiError } from './errors';

const TIMEOUT_MS = 5000;

/** What clients answer that do not know a call: by themselves, or by the package. */
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
 * A code for the person who uses the DingTalk client; it works once, within five minutes. DingTalk documents:
 * `jsapi-request-auth-code`, and for clients before 7.0.45
 * `obtain-the-micro-application-exemption-authorization-code`.
 *
 * @throws JsapiError
 */
async function requestAuthCode(app: { clientId: string; corpId: string }): Promise<string> {
  try {
    const asked = requestAuthCodeOfClients(app).catch((error) =>
      UNKNOWN_CALL.has(codeOf(error)) ? requestAuthCodeOfOldClients({ corpId: app.corpId }) : Promise.reject(error),
    );
    return (await Promise.race([asked, silence()])).code;
  } catch (error) {
    throw error instanceof JsapiError ? error : new JsapiError(meaningOf(error));
  }
}

/**
 * The client's own bar above the page, which does not notice every change of a page's title. DingTalk document:
 * `set-the-navigation-bar-title`.
 */
function showTitle(title: string): void {
  setTitle({ title }).catch(() => undefined);
}

function silence(): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new JsapiError('CLIENT_SILENT')), TIMEOUT_MS));
}

/** A number in some clients, a text in others. */
function codeOf(error: unknown): string {
  return String((error as { errorCode?: unknown } | undefined)?.errorCode);
}

function meaningOf(error: unknown): DingTalkClientCode {
  const message = String((error as { errorMessage?: unknown } | undefined)?.errorMessage);
  return codeOf(error) === '3' && /corpId/i.test(message)
    ? 'CORP_ID_INVALID'
    : (codes.get(codeOf(error)) ?? 'CLIENT_REFUSES');
}

export default () => ({ requestAuthCode, showTitle });
