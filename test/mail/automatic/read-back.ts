// Automatic letters read back twice: by mailparser, which knows nothing of this house, and by the house's own index.
import { type HeaderLines, type ParsedMail, simpleParser } from 'mailparser';
import { MimeIndexer, type MimePart } from '../../../src/mail/mime-index.ts';
import { transferDecoderFor } from '../../../src/mail/transfer-decoding.ts';

/** One leaf part: its type, and its body with the transfer encoding undone. */
export type LeafPart = { readonly type: string; readonly body: Buffer };

export type ReadBack = {
  /** As mailparser read it: the names of the fields, in order, lower case. */
  readonly fields: readonly string[];
  readonly parsed: ParsedMail;
  readonly root: MimePart;
  readonly parts: readonly LeafPart[];
};

/** Reads the letter, and throws when it is not seven-bit with lines of at most 998 bytes ended by CR LF. RFC 5322 §2.1.1. */
export async function readBack(letter: Buffer): Promise<ReadBack> {
  const lines = letter.toString('latin1').split('\r\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL, stray CR and LF and 8-bit bytes are looked for
  const odd = lines.find((line) => line.length > 998 || !/^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(line));
  if (odd !== undefined) throw new Error(`Not seven-bit: ${JSON.stringify(odd.slice(0, 200))}`);
  const indexer = new MimeIndexer();
  indexer.write(letter);
  const { part: root } = indexer.end();
  const parsed = await simpleParser(letter);
  const fields = (parsed.headerLines as HeaderLines).map(({ key }) => key);
  return { fields, parsed, root, parts: leaves(root, letter) };
}

/** The part of that type, decoded; throws when there is not exactly one. */
export function onlyPart({ parts }: ReadBack, type: string): Buffer {
  const [only, ...others] = parts.filter((part) => part.type === type);
  if (!only || others.length > 0) throw new Error(`${parts.map((part) => part.type).join(', ')}: not exactly one ${type}`);
  return only.body;
}

/** Only one level is opened: what an inner letter holds is its own business. */
function leaves(root: MimePart, letter: Buffer): LeafPart[] {
  return (root.children ?? [root]).map((part) => {
    const decoder = transferDecoderFor(part.encoding);
    const body = Buffer.concat([decoder.write(letter.subarray(part.bodyStart, part.end)), decoder.end()]);
    return { type: `${part.type}/${part.subtype}`, body };
  });
}
