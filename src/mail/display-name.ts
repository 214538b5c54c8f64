// A display name before an address, safe whatever the name holds. RFC 5322 §3.4, RFC 2047 §5(3); requirement 34.
import { clipText, hasEightBit } from './charset.ts';
import { encodeWords } from './encoded-words.ts';

const maxName = 200;
const maxFoldedLine = 76;

/** `"Dominique PAT-TROIS" <a@b>`; encoded words when the name is not ASCII; the address alone when there is no name. */
export function formatMailbox(name: string | undefined, address: string): string {
  const clean = cleanName(name ?? '');
  if (clean === '') return `<${address}>`;
  const phrase = hasEightBit(clean) ? encodeWords(clean) : `"${clean.replace(/["\\]/g, '\\$&')}"`;
  const lastLine = phrase.slice(phrase.lastIndexOf('\n') + 1);
  return `${phrase}${lastLine.length + address.length + 9 > maxFoldedLine ? '\r\n' : ''} <${address}>`;
}

/** One line of printable text: control, separator and direction-changing characters become spaces, half characters disappear. */
function cleanName(name: string): string {
  return clipText(name, maxName)
    .replace(/\p{Cs}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
