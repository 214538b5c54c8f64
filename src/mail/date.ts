// Dates of letters, both ways. RFC 5322 §3.3, with the obsolete forms of §4.3 that still arrive.

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const namedZones: Readonly<Record<string, number>> = { edt: -4, est: -5, cdt: -5, cst: -6, mdt: -6, mst: -7, pdt: -7, pst: -8 };
const shape =
  /^(?:[a-z]{2,9}[,.]? ?)?(\d{1,2})[ -]([a-z]{3})[a-z]{0,6}[ -](\d{2,4}),? (\d{1,2}) ?: ?(\d{2})(?: ?: ?(\d{2}))?(?:\.\d{1,9})?(?: ?([+-])(\d{2}):?(\d{2})\b| ([a-z]{1,5})\b)?/;

/** The moment a Date field names; null when it cannot be read. A missing or unknown zone counts as UTC (RFC 5322 §4.3). */
export function parseDate(text: string): Date | null {
  const match = shape.exec(withoutComments(text.slice(0, 200)).replace(/\s+/g, ' ').trim().toLowerCase());
  if (!match) return null;
  const [, day, monthName, yearText, hour, minute, second, sign, zoneHours, zoneMinutes, zoneName] = match;
  const month = months.indexOf(monthName ?? '');
  const year = fullYear(yearText ?? '');
  const parts = { day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second ?? 0) };
  if (month < 0 || year < 1900 || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return null;
  const local = Date.UTC(year, month, parts.day, parts.hour, parts.minute, parts.second);
  if (parts.day < 1 || parts.day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return null;
  const offset = sign ? (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1) : (namedZones[zoneName ?? ''] ?? 0) * 60;
  return new Date(local - offset * 60_000);
}

/** `Sun, 22 Nov 2026 00:40:11 +0000`: always UTC, always 31 characters. */
export function formatDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const monthName = months[date.getUTCMonth()] ?? '';
  const day = `${weekDays[date.getUTCDay()]}, ${two(date.getUTCDate())} ${monthName.slice(0, 1).toUpperCase()}${monthName.slice(1)}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${String(date.getUTCFullYear()).padStart(4, '0')} ${time} +0000`;
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 4) return year;
  return text.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

/** Comments nest (RFC 5322 §3.2.2), which a regular expression cannot follow. */
function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  let depth = 0;
  let kept = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if (depth === 0) kept += character;
  }
  return kept;
}
