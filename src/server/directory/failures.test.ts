import english from '../../locale/en-US.json';
import { type ErrorCode, keyForAdministrators } from '../../shared/codes';
import { DingTalkError, type DingTalkErrorKind } from '../dingtalk/errors';
import { CodedError } from '../http/coded-error';
import { toCoded } from './failures';

const of = (kind: DingTalkErrorKind) => toCoded(new DingTalkError(kind, { endpoint: '/x', reason: 'refused' })).code;

describe('how a run fails', () => {
  it.each<[DingTalkErrorKind, string]>([
    ['unreachable', 'DINGTALK_UNAVAILABLE'],
    ['token', 'DINGTALK_UNAVAILABLE'],
    ['busy', 'DINGTALK_BUSY'],
    ['credentials', 'CREDENTIALS_INVALID'],
    ['ipNotAllowed', 'IP_NOT_ALLOWED'],
    ['permission', 'DIRECTORY_PERMISSION'],
    ['scope', 'DIRECTORY_SCOPE'],
    ['unexpected', 'DIRECTORY_INCOMPLETE'],
    ['gone', 'DIRECTORY_INCOMPLETE'],
    ['notMember', 'DIRECTORY_INCOMPLETE'],
    ['code', 'DIRECTORY_INCOMPLETE'],
  ])('%s: %s, in a sentence that is not one of a sign-in', (kind, code) => {
    expect(of(kind)).toBe(code);
    expect(english[keyForAdministrators(code as ErrorCode)]).not.toMatch(/your contact record|sign(ing)? in/i);
  });

  it('keeps a code, and of any other error leaves out the message, which may hold values of users', () => {
    const coded = new CodedError('SYNC_STOPPED');
    expect(toCoded(coded)).toBe(coded);
    const { code, message, detail } = toCoded(new Error('Duplicate entry 13800138000'));
    expect(code).toBe('SYNC_FAILED');
    expect(JSON.stringify([message, detail])).not.toContain('13800138000');
  });
});
