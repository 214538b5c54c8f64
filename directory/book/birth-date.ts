// Birth dates as people and programs write them.

const shapes = [
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
  /^(?<day>\d{2})\/(?<month>\d{2})\/(?<year>\d{4})$/,
  /^(?<day>\d{2})(?<month>\d{2})(?<year>\d{4})$/,
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/,
];

/**
 * Reads 1979-03-28, 28/03/1979, 28031979 and 19790328 as ISO 8601; undefined for anything else. Eight digits are never both: the year of
 * one would be the month of the other. Day and month may be 00, for identities that do not know them.
 */
export function parseBirthDate(text: string): string | undefined {
  for (const shape of shapes) {
    const { year = '', month = '', day = '' } = shape.exec(text.trim())?.groups ?? {};
    if (/^(1[89]|20|21)/.test(year) && Number(month) <= 12 && Number(day) <= 31) return `${year}-${month}-${day}`;
  }
  return undefined;
}
