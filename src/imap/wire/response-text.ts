// The human text of an answer. RFC 3501 §9 (resp-text) wants one line of ASCII, so accents are taken off and line breaks cannot pass.
import { asciiText } from '../../core/ascii-text.ts';

/** One line of printable ASCII, never empty, and never taken for a response code. */
export function responseText(text: string): string {
  const line = asciiText(text.replace(/[\s\p{Cc}]+/gu, ' ')).trim();
  return line === '' ? '-' : line.replace(/^\[/, '(');
}
