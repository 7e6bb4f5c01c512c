import { Silence } from './silence';

describe('the silence of DingTalk', () => {
  let now = 0;
  let silence: Silence;
  const unanswered = { answered: 0, unanswered: 4 };

  beforeEach(() => {
    silence = new Silence({ now: () => now, sleep: () => Promise.resolve() });
  });

  const noted = (...tallies: { answered: number; unanswered: number }[]) => {
    tallies.forEach((tally) => silence.note(tally));
    return silence.isExpected();
  };

  it.each([
    ['is not expected at first', [], false],
    ['nor after one message', [unanswered], false],
    ['is after two in a row', [unanswered, unanswered], true],
    ['not where one of them had an answer', [unanswered, { answered: 1, unanswered: 3 }, unanswered], false],
    ['a message without a call tells nothing', [unanswered, { answered: 0, unanswered: 0 }, unanswered], true],
  ])('%s', (_, tallies, isExpected) => {
    expect(noted(...tallies)).toBe(isExpected);
  });

  it('ends by itself, for one message', () => {
    noted(unanswered, unanswered);
    now += 15_000;
    expect(silence.isExpected()).toBe(false);
    expect(noted(unanswered)).toBe(true);
    now += 15_000;
    expect(noted({ answered: 1, unanswered: 0 })).toBe(false);
  });
});
