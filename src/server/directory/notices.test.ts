import { noticeOf } from './notices';

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
