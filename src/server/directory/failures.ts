import type { ErrorCode } from '../../shared/codes';
import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';

/** What administrators are told, for each kind of failure of a reading. */
const codeOfKind: Partial<Record<DingTalkErrorKind, ErrorCode>> = {
  unreachable: 'DINGTALK_UNAVAILABLE',
  unexpected: 'DIRECTORY_INCOMPLETE',
  token: 'DINGTALK_UNAVAILABLE',
  busy: 'DINGTALK_BUSY',
  credentials: 'CREDENTIALS_INVALID',
  permission: 'DIRECTORY_PERMISSION',
  ipNotAllowed: 'IP_NOT_ALLOWED',
  scope: 'DIRECTORY_SCOPE',
};

/**
 * Any error as one with a code. The message of an unexpected one is left out, as that of a database error holds the values
 * of the statement, phone numbers among them; NocoBase logs what a run throws.
 */
export function toCoded(error: unknown): CodedError {
  if (error instanceof CodedError) {
    return error;
  }
  return error instanceof DingTalkError
    ? new CodedError(codeOfKind[error.kind] ?? 'DIRECTORY_INCOMPLETE', error.logFields)
    : new CodedError('SYNC_FAILED', { reason: describe(error) });
}

/** @throws CodedError in place of any other error */
export async function withCodes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCoded(error);
  }
}
