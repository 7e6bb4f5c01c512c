/** Ways in which the DingTalk client gives no code, before NocoBase's server is asked. Each has a sentence in `locale/`. */
export const jsapiErrorCodes = [
  'ACCESS_DENIED',
  'CLIENT_REFUSES',
  'CLIENT_SILENT',
  'CLIENT_TOO_OLD',
  'CORP_ID_INVALID',
  'DOMAIN_NOT_REGISTERED',
] as const;

export type JsapiErrorCode = (typeof jsapiErrorCodes)[number];

export class JsapiError extends Error {
  constructor(readonly code: JsapiErrorCode) {
    super(code);
  }
}

/** Not by `instanceof`: the class stands in two bundles. */
export function jsapiCodeOf(error: unknown): JsapiErrorCode | undefined {
  const { code } = error as Partial<JsapiError>;
  return code && jsapiErrorCodes.includes(code) ? code : undefined;
}

/** The server's code, where it said one. */
export const refusalCodeOf = (error: unknown): string | undefined =>
  (error as { response?: { data?: { errors?: { code: string }[] } } }).response?.data?.errors?.[0]?.code;
