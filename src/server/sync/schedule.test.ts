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
