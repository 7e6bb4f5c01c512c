import { type DingTalkClientCode, dingTalkClientCodes } from '../../../shared/codes';
import type { ClientPlugin } from '../../nocobase';
import { refusalOf, sentenceOf } from '../../request';

/** Why the DingTalk client gave this page no authorization code. */
export class JsapiError extends Error {
  constructor(readonly code: DingTalkClientCode) {
    super(code);
  }
}

/** Not by `instanceof`: `InsideDingTalk.js` and `DingTalkJsapi.js` have this class each. */
function jsapiCodeOf(error: unknown): DingTalkClientCode | undefined {
  const { code } = error as Partial<JsapiError>;
  return code && dingTalkClientCodes.includes(code) ? code : undefined;
}

/** The code of the DingTalk client's refusal, or of the server's. None where a request got no answer of NocoBase. */
export const codeOfFailure = (error: unknown): string | undefined => jsapiCodeOf(error) ?? refusalOf(error)?.code;

/** As `sentenceOf`, also for what the DingTalk client refuses. */
export function sentenceInside(error: unknown, plugin: Pick<ClientPlugin, 't'>): string {
  const code = jsapiCodeOf(error);
  return code ? `${plugin.t(code)} (${code})` : sentenceOf(error, plugin);
}
