import type { Context } from '@nocobase/actions';
import english from '../../locale/en-US.json';
import type { ErrorCode } from '../../shared/codes';
import { CodedError } from './coded-error';
import { logSuccess, reportFailure, throwUserError, type Topic } from './report';

/** As much of a request as a report needs; `lines` has what was logged. */
function reportContext() {
  const lines: unknown[][] = [];
  const log = (level: string) => (message: string, fields: object) => lines.push([level, message, fields]);
  const ctx = {
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    t: (key: string, { defaultValue }: { defaultValue: string }) => defaultValue || key,
    throw(status: number, message: string, properties: object): never {
      throw Object.assign(new Error(message), { status, ...properties });
    },
  };
  return Object.assign(ctx as unknown as Context, { lines });
}

describe('CodedError', () => {
  it('T14: has no enumerable property but code and status, and no cause', () => {
    const error = new CodedError('DINGTALK_BUSY', { reason: 'a detail' });
    expect({ ...error }).toEqual({ code: 'DINGTALK_BUSY', status: 429 });
    expect(JSON.stringify(error)).not.toContain('a detail');
    expect(error).not.toHaveProperty('cause');
    expect([error.name, error.detail]).toEqual(['CodedError', { reason: 'a detail' }]);
    const { values, ...rest } = new CodedError('SOURCE_COLUMN_REFUSED', {}, { column: 'a column' });
    expect([values, rest]).toEqual([{ column: 'a column' }, { code: 'SOURCE_COLUMN_REFUSED', status: 400 }]);
  });
});

describe('logSuccess', () => {
  const signedIn = { outcome: 'SIGNED_IN', authenticator: 'dingtalk', userId: '7' } as const;

  it.each([2, undefined] as const)('is a note where the user was bound before: rule %s', (rule) => {
    const ctx = reportContext();
    logSuccess(ctx, 'sign-in', { ...signedIn, rule });
    expect(ctx.lines).toEqual([['info', 'DingTalk sign-in', { ...signedIn, rule }]]);
  });

  it.each([3, 5, 8, 'confirmed'] as const)('is a warning where the binding is new: rule %s', (rule) => {
    const ctx = reportContext();
    logSuccess(ctx, 'link', { ...signedIn, rule });
    expect(ctx.lines).toEqual([['warn', 'DingTalk link', { ...signedIn, rule }]]);
  });
});

describe('reportFailure', () => {
  it('logs the detail of a refusal as a warning', () => {
    const ctx = reportContext();
    const detail = { endpoint: '/x', httpStatus: 403, userId: '7' };
    expect(reportFailure(ctx, 'link', new CodedError('DINGTALK_BUSY', detail), { authenticator: 'dingtalk' })).toBe(
      'DINGTALK_BUSY',
    );
    const fields = { outcome: 'DINGTALK_BUSY', authenticator: 'dingtalk', ...detail };
    expect(ctx.lines).toEqual([['warn', 'DingTalk link', fields]]);
  });

  it.each([
    ['sign-in', 'SIGN_IN_FAILED'],
    ['link', 'LINK_FAILED'],
    ['configuration check', 'CHECK_FAILED'],
  ] as const)('T14: an unexpected error of a %s is %s, and its message is not logged', (topic, code) => {
    const ctx = reportContext();
    expect(reportFailure(ctx, topic, new TypeError('13800138000'))).toBe(code);
    expect(ctx.lines).toEqual([['error', `DingTalk ${topic}`, expect.objectContaining({ outcome: code })]]);
    const text = JSON.stringify(ctx.lines);
    expect(text).toContain('TypeError at ');
    expect(text).not.toContain('13800138000');
  });

  it('T15: logs no more than 250 characters of what a client chooses', () => {
    const ctx = reportContext();
    const reason = 'r'.repeat(1000);
    reportFailure(ctx, 'sign-in', new CodedError('ORIGIN_NOT_TRUSTED', { reason }), {
      authenticator: 'a'.repeat(1000),
    });
    expect(ctx.lines[0][2]).toMatchObject({ reason: 'r'.repeat(250), authenticator: 'a'.repeat(250) });
  });
});

describe('throwUserError', () => {
  const answerOf = (topic: Topic, code: ErrorCode) => {
    try {
      throwUserError(reportContext(), topic, code);
    } catch (error) {
      return { ...(error as object), message: (error as Error).message };
    }
  };

  it.each(['sign-in', 'link'] as const)('answers the status, and the sentence for the person: %s', (topic) => {
    expect(answerOf(topic, 'CREDENTIALS_INVALID')).toEqual({
      status: 424,
      code: 'CREDENTIALS_INVALID',
      // NocoBase logs it once more, with its stack, unless it is told not to.
      logLevel: 'trace',
      message: english.CREDENTIALS_INVALID,
    });
  });

  it.each(['directory', 'configuration check', 'message', 'events'] as const)(
    'answers what administrators do about it, with the code in brackets: %s',
    (topic) => {
      const { message } = answerOf(topic, 'CREDENTIALS_INVALID') ?? {};
      expect(message).toBe(`${english.CREDENTIALS_INVALID_CAUSE} (CREDENTIALS_INVALID)`);
      expect(answerOf(topic, 'SYNC_RUNNING')?.message).toBe(`${english.SYNC_RUNNING} (SYNC_RUNNING)`);
    },
  );
});
