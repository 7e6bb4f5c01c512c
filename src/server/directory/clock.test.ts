import { drawSchedule, isZone, nextTime, zoneOfServer } from './clock';

const at = (iso: string) => Date.parse(iso);
const next = (time: string, zone: string, after: string) => new Date(nextTime({ time, zone }, at(after))).toISOString();

describe('nextTime', () => {
  it.each([
    [
      'today, where the time is still to come',
      '03:30',
      'Asia/Shanghai',
      '2026-03-01T18:00:00Z',
      '2026-03-01T19:30:00.000Z',
    ],
    ['tomorrow, where it has been', '03:30', 'Asia/Shanghai', '2026-03-01T20:00:00Z', '2026-03-02T19:30:00.000Z'],
    ['later than now, never now', '03:30', 'Asia/Shanghai', '2026-03-01T19:30:00Z', '2026-03-02T19:30:00.000Z'],
    [
      'the day of the zone, not of the server',
      '00:05',
      'Pacific/Kiritimati',
      '2026-03-01T09:00:00Z',
      '2026-03-01T10:05:00.000Z',
    ],
    ['a zone with half an hour', '02:15', 'Asia/Kolkata', '2026-03-01T00:00:00Z', '2026-03-01T20:45:00.000Z'],
    // Berlin: clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October.
    [
      'the day before the clocks go forward',
      '02:30',
      'Europe/Berlin',
      '2026-03-27T12:00:00Z',
      '2026-03-28T01:30:00.000Z',
    ],
    [
      'a time that does not exist, as much later',
      '02:30',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:30:00.000Z',
    ],
    ['the day after', '02:30', 'Europe/Berlin', '2026-03-29T02:00:00Z', '2026-03-30T00:30:00.000Z'],
    ['the first of two', '02:30', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00.000Z'],
    ['and not the second one, too', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z'],
    [
      'clocks that go by half an hour',
      '02:10',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      '2026-10-03T15:40:00.000Z',
    ],
  ])('is %s', (_, time, zone, after, expected) => {
    expect(next(time, zone, after)).toBe(expected);
  });

  it('comes once a day, all the year, wherever the clocks change', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Shanghai',
      'America/Santiago',
    ]) {
      const runs: number[] = [];
      for (let now = at('2026-01-01T12:00:00Z'); now < at('2027-01-01T12:00:00Z');) {
        now = nextTime({ time: '02:30', zone }, now);
        runs.push(now);
      }
      const hours = runs.slice(1).map((run, index) => (run - runs[index]) / 3_600_000);
      expect([zone, runs.length - 1, Math.min(...hours) >= 22, Math.max(...hours) <= 26]).toEqual([
        zone,
        365,
        true,
        true,
      ]);
    }
  });
});

describe('drawSchedule', () => {
  it.each([
    [0, '02:10'],
    [0.5, '03:30'],
    [0.999999, '04:50'],
  ])('draws a minute between 02:10 and 04:50: %s', (random, time) => {
    expect(drawSchedule(() => random, 'Asia/Tokyo')).toEqual({ time, zone: 'Asia/Tokyo' });
  });
});

describe('the zone of a new source', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['UTC', 'Asia/Shanghai'],
    ['Etc/UTC', 'Asia/Shanghai'],
    ['', 'Asia/Shanghai'],
  ])('of a server in “%s” is %s', (server, zone) => {
    expect(zoneOfServer(server)).toBe(zone);
  });
});

describe('isZone', () => {
  it.each([
    ['Asia/Shanghai', true],
    ['UTC', true],
    ['+08:00', false],
    ['Mars/Olympus', false],
    ['', false],
    ['../../etc/passwd', false],
  ])('%s: %s', (zone, known) => {
    expect(isZone(zone)).toBe(known);
  });
});
