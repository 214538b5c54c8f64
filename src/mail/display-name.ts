// A display name before an address, safe whatever the name holds. RFC 5322 §3.4, RFC 2047 §5(3); requirement 34.
import { hasEightBit } from './charset.ts';
import { encodeWords } from './encoded-words.ts';
import { oneLine } from './one-line.ts';

const maxName = 200;
const maxFoldedLine = 76;

/** `"Dominique PAT-TROIS" <a@b>`; encoded words when the name is not ASCII; the address alone when there is no name. */
export function formatMailbox(name: string | undefined, address: string): string {
  const clean = oneLine(name ?? '', maxName);
  if (clean === '') return `<${address}>`;
  const phrase = hasEightBit(clean) ? encodeWords(clean) : `"${clean.replace(/["\\]/g, '\\$&')}"`;
  const lastLine = phrase.slice(phrase.lastIndexOf('\n') + 1);
  return `${phrase}${lastLine.length + address.length + 9 > maxFoldedLine ? '\r\n' : ''} <${address}>`;
}
