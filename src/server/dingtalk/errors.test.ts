import { inspect } from 'node:util';
import { DingTalkError, type DingTalkErrorDetail, type DingTalkErrorKind, isTransient, retryOnce } from './errors';

const errorOf = (kind: DingTalkErrorKind, detail: Partial<DingTalkErrorDetail> = {}) =>
  new DingTalkError(kind, { endpoint: '/v1.0/x', reason: 'refused by DingTalk', ...detail });

describe('DingTalkError', () => {
  it('shows its endpoint and reason, and no field but those of a log', () => {
    const fields = { status: 403, dingTalkCode: 'Forbidden', requestId: 'ID', networkCode: 'ECONNRESET' };
    const error = errorOf('permission', fields);
    expect(error).toBeInstanceOf(Error);
    expect(`${error}`).toBe('DingTalkError: /v1.0/x: refused by DingTalk');
    expect({ ...error }).toEqual({
      name: 'DingTalkError',
      kind: 'permission',
      endpoint: '/v1.0/x',
      reason: 'refused by DingTalk',
      ...fields,
    });
    expect(inspect(error, { showHidden: true })).not.toContain('cause');
  });

  it('names its fields as the log does', () => {
    const { status, ...fields } = {
      status: 403,
      dingTalkCode: 'Forbidden',
      requestId: 'ID',
      networkCode: 'ECONNRESET',
    };
    expect(errorOf('permission', { status, ...fields }).logFields).toEqual({
      endpoint: '/v1.0/x',
      reason: 'refused by DingTalk',
      httpStatus: status,
      ...fields,
    });
  });
});

describe('isTransient', () => {
  it.each<[string, unknown, boolean]>([
    ['a broken connection', errorOf('unreachable', { networkCode: 'ECONNRESET' }), true],
    ['HTTP 500', errorOf('unexpected', { status: 500 }), true],
    ['HTTP 503', errorOf('unexpected', { status: 503 }), true],
    ['errcode -1', errorOf('unexpected', { status: 200, dingTalkCode: '-1' }), true],
    ['HTTP 499', errorOf('unexpected', { status: 499 }), false],
    ['another errcode', errorOf('unexpected', { status: 200, dingTalkCode: '1' }), false],
    ['no answer in time', errorOf('unreachable'), false],
    ['a refused connection', errorOf('unreachable', { networkCode: 'ECONNREFUSED' }), false],
    ['a ban that is answered with HTTP 500', errorOf('busy', { status: 500 }), false],
    ['a missing permission that is answered with HTTP 500', errorOf('permission', { status: 500 }), false],
    ['an error of another class', Object.assign(new Error(), { networkCode: 'ECONNRESET', status: 500 }), false],
    ['no error', undefined, false],
  ])('%s: %#', (_, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});

describe('retryOnce', () => {
  const transient = errorOf('unreachable', { networkCode: 'ECONNRESET' });
  const final = errorOf('permission');

  it.each<[string, unknown[], unknown, number]>([
    ['does not repeat a call that succeeds', ['first'], 'first', 1],
    ['repeats a call that fails and may succeed', [transient, 'second'], 'second', 2],
    ['does not repeat a call that fails for good', [final, 'second'], final, 1],
    ['does not repeat a repetition', [transient, transient, 'third'], transient, 2],
    ['throws the error of the repetition', [transient, final], final, 2],
  ])('%s', async (_, outcomes, expected, calls) => {
    const call = jest.fn(async () => {
      const outcome = outcomes.shift();
      if (outcome instanceof Error) {
        throw outcome;
      }
      return outcome;
    });
    expect(await retryOnce(call).catch((error: unknown) => error)).toBe(expected);
    expect(call).toHaveBeenCalledTimes(calls);
  });
});
