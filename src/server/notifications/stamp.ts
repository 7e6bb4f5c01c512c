const two = (number: number) => String(number).padStart(2, '0');

let last = '';
let times = 0;

/**
 * The time of a message, in the server's time zone: `11-27 16:05:12`. Where a process makes several in one second, the
 * others are numbered: DingTalk drops a message that somebody has got on the same day.
 */
export function stamp(now = new Date()): string {
  const date = `${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${date} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':')}`;
  times = time === last ? times + 1 : 1;
  last = time;
  return times > 1 ? `${time} (${times})` : time;
}
