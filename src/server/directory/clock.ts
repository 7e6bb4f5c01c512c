import type { Schedule } from '../../shared/directory';

// Times of a day in a zone, by the zones that Node.js knows: NocoBase brings no library for them.

const DAY_MS = 24 * 60 * 60 * 1000;

/** Where the server does not say where it stands: most of whom DingTalk knows are there. */
const USUAL_ZONE = 'Asia/Shanghai';

/** Whether it is the name of a time zone: `Asia/Shanghai`. An offset such as `+08:00` knows no daylight saving time. */
export function isZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && Boolean(new Intl.DateTimeFormat('en-US', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** The zone of the server; that of China where the server has UTC, which is the zone of containers and of nobody. */
export function zoneOfServer(zone = new Intl.DateTimeFormat().resolvedOptions().timeZone): string {
  return /^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu)$|^Etc\/|^$/.test(zone ?? '') ? USUAL_ZONE : zone;
}

/**
 * A schedule for a source that has none: a minute between 02:10 and 04:50, so that the sources of all organizations do not
 * ask DingTalk at once.
 *
 * @param random from 0 to below 1
 */
export function drawSchedule(random: () => number = Math.random, zone = zoneOfServer()): Schedule {
  const minute = 2 * 60 + 10 + Math.floor(random() * (2 * 60 + 41));
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return { time: `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`, zone };
}

/**
 * When a schedule is due next: once a day. A time that does not exist, as the clocks are put forward, is later by as much;
 * of a time that there is twice, the first counts.
 *
 * @param after milliseconds since 1970, as is the answer, which is later
 */
export function nextTime({ time, zone }: Schedule, after: number): number {
  const [hour, minute] = time.split(':').map(Number);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const wallClock = (instant: number) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  };
  const offsetAt = (instant: number) => wallClock(instant) - Math.floor(instant / 1000) * 1000;
  // The day before, too: `after` may stand where the clocks have just been put back.
  const today = Math.floor(wallClock(after) / DAY_MS) * DAY_MS;
  for (let day = today - DAY_MS; ; day += DAY_MS) {
    const wanted = day + (hour * 60 + minute) * 60_000;
    const instants = [wanted - offsetAt(wanted - DAY_MS), wanted - offsetAt(wanted + DAY_MS)];
    const exact = instants.filter((instant) => wallClock(instant) === wanted);
    const instant = exact.length ? Math.min(...exact) : Math.max(...instants);
    if (instant > after) {
      return instant;
    }
  }
}
