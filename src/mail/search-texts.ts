// Header texts as SEARCH compares them: decoded, lower case, bounded, safe for a PostgreSQL text column. RFC 3501 §6.4.4.
import { clipText } from './charset.ts';
import type { Headers } from './headers.ts';

/** Lower case, encoded words decoded, no control character, well-formed UTF-16, each at most `maxSearchText` units. */
export type SearchTexts = {
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly subject: string;
};

/** Bound of each text, in UTF-16 units: some hundred addresses. */
export const maxSearchText = 8000;

/** Reads the five searchable fields of a letter; repeated fields are joined. */
export function readSearchTexts(headers: Headers): SearchTexts {
  const text = (name: string): string => searchText(headers.decodedAll(name));
  return { from: text('from'), to: text('to'), cc: text('cc'), bcc: text('bcc'), subject: text('subject') };
}

/** One text made comparable; also for what a client searches for. */
export function searchText(text: string): string {
  return clipText(clipText(text, maxSearchText).toLowerCase(), maxSearchText);
}
