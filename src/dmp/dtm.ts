// Times of the record, DTM of XDS: in UTC, as precise as they were written. IHE ITI TF-3 table 4.2.3.1.7-2; HL7 v3 TS.

const timestamp = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})?(\d{2})?(?:\.\d+)?)?(?:([+-])(\d{2})(\d{2}))?$/;

/**
 * The DTM of an HL7 TS, `20261120163000+0100` → `20261120153000`; a day stays that day. An hour that does not say its zone is left out:
 * better a day than an hour of somewhere. Undefined when the text is no moment of the calendar, or says less than a day.
 */
export function dtmOf(ts: string | undefined): string | undefined {
  const [, year, month, day, hour, minute = '00', second, sign, zoneHour = '00', zoneMinute = '00'] = timestamp.exec(ts ?? '') ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const written = `${year}-${month}-${day}T${hour ?? '00'}:${minute}:${second ?? '00'}.000Z`;
  const moment = Date.parse(written);
  // Date.parse takes the thirtieth of February for a day of March.
  if (Number.isNaN(moment) || new Date(moment).toISOString() !== written) return undefined;
  if (hour === undefined || sign === undefined) return year + month + day;
  const zoneMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(moment - zoneMs)
    .toISOString()
    .replaceAll(/\D/g, '')
    .slice(0, second === undefined ? 12 : 14);
}
