import { type DingTalkClientCode, dingTalkClientCodes } from '../../shared/codes';

/** Why the DingTalk client gave this page no code. */
export class JsapiError extends Error {
  constructor(readonly code: DingTalkClientCode) {
    super(code);
  }
}

/** Not by `instanceof`: the class stands in two bundles. */
export function jsapiCodeOf(error: unknown): DingTalkClientCode | undefined {
  const { code } = error as Partial<JsapiError>;
  return code && dingTalkClientCodes.includes(code) ? code : undefined;
}

/** The server's code, where it said one. */
export const refusalCodeOf = (error: unknown): string | undefined =>
  (error as { response?: { data?: { errors?: { code: string }[] } } }).response?.data?.errors?.[0]?.code;
