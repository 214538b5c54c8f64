// The IHE_XDM.zip attachments of a letter, whatever the letter case. Requirement 47.
import { decodeWords } from '../encoded-words.ts';
import type { MimePart } from '../mime-part.ts';
import { type Parameters, parameter } from '../parameters.ts';

const archiveName = /^ihe[-_]xdm\.zip$/i;

/** Every part named IHE_XDM.zip (any case, `-` or `_`), in the order of the letter, those of forwarded letters included. */
export function archiveParts(root: MimePart): MimePart[] {
  const inside = [...(root.children ?? []), ...(root.message ? [root.message] : [])];
  return [...(isArchive(root) ? [root] : []), ...inside.flatMap(archiveParts)];
}

function isArchive(part: MimePart): boolean {
  return [...namesIn(part.disposition?.params, 'filename'), ...namesIn(part.params, 'name')].some((name) => archiveName.test(name.trim()));
}

/** A file name in its plain form (RFC 2183, encoded words tolerated) and in its extended one (RFC 2231 §4). */
function namesIn(params: Parameters | undefined, name: string): string[] {
  const plain = parameter(params, name);
  const extended = parameter(params, `${name}*`);
  return [...(plain === undefined ? [] : [decodeWords(plain)]), ...(extended === undefined ? [] : [decodeExtended(extended)])];
}

/** The name sought is ASCII: the charset before the second quote does not matter. */
function decodeExtended(value: string): string {
  const text = value.replace(/^[^']*'[^']*'/, '');
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
