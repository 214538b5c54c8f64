// Words of strangers as one line a person can read: nothing in them breaks the line, hides, or turns the reading direction.
// Requirement 34 for names; the same for every text that goes into a letter of ours.
import { clipText } from './charset.ts';

/** At most `limit` UTF-16 units: control, separator and direction-changing characters become spaces, half characters disappear. */
export function oneLine(text: string, limit: number): string {
  return clipText(text, limit)
    .replace(/\p{Cs}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
