// Dates as people type them, in the time of Paris, where the house keeps its days.

/** A day, with or without a time: `2026-08-01`, `01/08/2026`, `2026-08-01T08:30`, `01/08/2026 08:30`. */
const shape = /^(?:(\d{4})-(\d{2})-(\d{2})|(\d{2})\/(\d{2})\/(\d{4}))(?:[T ](\d{2}):(\d{2}))?$/;

/**
 * The instant typed: a day alone is its first instant, or with `wholeDay` the first one after it. Undefined for what is no date; a time
 * that the clocks skip in spring is read as the one an hour later.
 */
export function parisInstant(text: string, { wholeDay = false } = {}): Date | undefined {
  const match = shape.exec(text.trim());
  if (!match) return undefined;
  const [, y = '', m = '', d = '', frenchD = '', frenchM = '', frenchY = '', hours, minutes] = match;
  const [year, month, day] = [Number(y || frenchY), Number(m || frenchM), Number(d || frenchD)];
  const written = new Date(Date.UTC(year, month - 1, day, Number(hours ?? 0), Number(minutes ?? 0)));
  const isReal =
    written.getUTCMonth() === month - 1 && written.getUTCDate() === day && Number(hours ?? 0) < 24 && Number(minutes ?? 0) < 60;
  if (!isReal) return undefined;
  if (wholeDay && hours === undefined) written.setUTCDate(day + 1);
  return atParisClock(written);
}

// `written` reads, in UTC, what the clocks in Paris show. The offset is asked twice: near a change of clocks the first answer may be off.
function atParisClock(written: Date): Date {
  const first = written.getTime() - offsetMs(written);
  return new Date(written.getTime() - offsetMs(new Date(first)));
}

const parisFields = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Paris', timeZoneName: 'longOffset' });

function offsetMs(at: Date): number {
  const name = parisFields.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? ['', '+', '00', '00'];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
