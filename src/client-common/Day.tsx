/**
 * A day as the user's calendar has it, in the form that NocoBase shows by default in every language. In the time of the
 * browser: one who signed in late in the evening would otherwise read the next day.
 *
 * @param at milliseconds since 1970
 */
export function Day({ at }: { at: number }) {
  const date = new Date(at);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const day = parts.map((part) => String(part).padStart(2, '0')).join('-');
  return <time dateTime={date.toISOString()}>{day}</time>;
}
