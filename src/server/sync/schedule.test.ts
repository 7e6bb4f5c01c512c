import { noticeOf } from './notices';
import { planNext } from './schedule';

const MINUTE = 60_000;
const NOW = 1_700_000_000_000;
const regular = NOW + 24 * 60 * MINUTE;

describe('after a scheduled run', () => {
  it.each([
    ['success', 0, { nextRun: regular, attempts: 0, isTriedAgain: false }],
    ['success', 2, { nextRun: regular, attempts: 0, isTriedAgain: false }],
    ['failed', 0, { nextRun: NOW + 10 * MINUTE, attempts: 1, isTriedAgain: true }],
    ['failed', 1, { nextRun: NOW + 30 * MINUTE, attempts: 2, isTriedAgain: true }],
    ['failed', 2, { nextRun: NOW + 60 * MINUTE, attempts: 3, isTriedAgain: true }],
    ['failed', 3, { nextRun: regular, attempts: 0, isTriedAgain: false }],
    ['stopped', 0, { nextRun: regular, attempts: 0, isTriedAgain: false }],
    ['running', 1, { nextRun: NOW + 10 * MINUTE, attempts: 1, isTriedAgain: true }],
  ] as const)('that ended as %s, after %s failures', (ended, attempts, expected) => {
    expect(planNext(ended, { attempts, now: NOW, regular })).toEqual(expected);
  });

  it('nothing follows where the source was disabled meanwhile', () => {
    expect(planNext('failed', { attempts: 0, now: NOW, regular: undefined })).toEqual({
      nextRun: undefined,
      attempts: 0,
      isTriedAgain: false,
    });
  });
});

describe('administrators are told', () => {
  const failed = { trigger: 'schedule', code: 'DINGTALK_UNAVAILABLE' } as const;
  const stopped = { trigger: 'schedule', code: 'SYNC_STOPPED' } as const;

  it.each([
    ['not of a failure that is tried again', { ...failed, isTriedAgain: true }, undefined, undefined, undefined],
    ['of the last one', failed, undefined, 'failed', 'failed'],
    ['once of an episode', failed, 'failed', undefined, 'failed'],
    ['of the brake, though it was a failure before', stopped, 'failed', 'stopped', 'stopped'],
    ['once of the brake', stopped, 'stopped', undefined, 'stopped'],
    ['of a run of events that stops', { ...stopped, trigger: 'event' }, undefined, 'stopped', 'stopped'],
    ['when it is well again, whoever began that run', { trigger: 'manual' }, 'failed', 'well', undefined],
    ['of nothing while it is well', { trigger: 'schedule' }, undefined, undefined, undefined],
    ['of nothing where somebody sees it fail', { ...failed, trigger: 'manual' }, undefined, undefined, undefined],
    ['of no run that met another one', { trigger: 'schedule', code: 'SYNC_RUNNING' }, undefined, undefined, undefined],
    ['of nothing in a clone', { trigger: 'schedule', code: 'SYNC_OFF' }, 'failed', undefined, 'failed'],
  ] as const)('%s', (_, outcome, before, tell, told) => {
    expect(noticeOf(outcome, before)).toEqual({ ...(tell && { tell }), told });
  });
});
