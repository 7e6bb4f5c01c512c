import { type DingTalkClientCode, dingTalkClientCodes } from '../../../shared/codes';
import type { ClientPlugin } from '../../nocobase';
import { type Failure, failureOf, failureOfCode } from '../../failure';
import { refusalOf } from '../../request';

/** A client that is not known to give any code: its failure says nothing about the user, and users need not read of it. */
export const UNKNOWN_CLIENT = 'UNKNOWN_CLIENT';

/** Why the DingTalk client gave this page no authorization code. */
export class JsapiError extends Error {
  constructor(readonly code: DingTalkClientCode | typeof UNKNOWN_CLIENT) {
    super(code);
  }
}

// Not by `instanceof`: `InsideDingTalk.js` and `DingTalkJsapi.js` have this class each.
function jsapiCodeOf(error: unknown): DingTalkClientCode | undefined {
  const { code } = error as Partial<JsapiError>;
  return dingTalkClientCodes.find((known) => known === code);
}

const isOfUnknownClient = (error: unknown) => (error as Partial<JsapiError>).code === UNKNOWN_CLIENT;

/** The code of the DingTalk client's refusal, or of the server's. None where a request got no answer of NocoBase. */
export const codeOfFailure = (error: unknown): string | undefined => jsapiCodeOf(error) ?? refusalOf(error)?.code;

/** As `failureOf`, also for what the DingTalk client refuses; nothing where the button alone is to be shown. */
export function failureInside(error: unknown, plugin: Pick<ClientPlugin, 't'>): Failure | undefined {
  if (isOfUnknownClient(error)) {
    return undefined;
  }
  const code = jsapiCodeOf(error);
  return code ? failureOfCode(code, plugin) : failureOf(error, plugin);
}
