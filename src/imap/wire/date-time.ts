// Dates as IMAP spells them: the internal date of a message, and the bare day of a SEARCH key. RFC 3501 §2.3.3, §9 (date-time, date).

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const dateTimeShape = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):([0-5]\d):([0-5]\d) ([+-])(\d\d)([0-5]\d)$/;
const dateShape = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;

/** A day without time or zone, `YYYY-MM-DD`: it compares and sorts as text. */
export type CalendarDay = string;

/** Reads what stands between the quotes of a date-time, e.g. ` 7-Feb-2026 21:52:25 +0100`; undefined when it is none. */
export function parseDateTime(text: string): Date | undefined {
  const match = dateTimeShape.exec(text);
  if (!match) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute, second, sign, zoneHour = '', zoneMinute] = match;
  const calendarDay = toCalendarDay(day.trim(), month, year);
  if (!calendarDay || Number(hour) > 23 || Number(zoneHour) > 23) return undefined;
  return new Date(`${calendarDay}T${hour}:${minute}:${second}${sign}${zoneHour}:${zoneMinute}`);
}

/** Reads `1-Feb-2026`; undefined when it is no day of the calendar. */
export function parseDate(text: string): CalendarDay | undefined {
  const match = dateShape.exec(text);
  return match ? toCalendarDay(match[1] ?? '', match[2] ?? '', match[3] ?? '') : undefined;
}

/** An internal date with its quotes, in UTC: `" 7-Feb-2026 20:52:25 +0000"`. Fractions of a second are dropped. */
export function formatInternalDate(date: Date): string {
  const [day, time] = [date.getUTCDate(), date.toISOString().slice(11, 19)];
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `"${String(day).padStart(2, ' ')}-${months[date.getUTCMonth()]}-${year} ${time} +0000"`;
}

function toCalendarDay(day: string, monthName: string, year: string): CalendarDay | undefined {
  const month = months.findIndex((name) => name.toLowerCase() === monthName.toLowerCase()) + 1;
  const calendarDay = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  // Date accepts 31 February by moving into March, so the day must come back as it went in. There is no year 0.
  const date = new Date(`${calendarDay}T00:00:00Z`);
  const isReal = year !== '0000' && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(calendarDay);
  return isReal ? calendarDay : undefined;
}
