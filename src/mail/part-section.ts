// Where the bytes of an IMAP section stand in a letter. RFC 3501 §6.4.5 (section specifications), and the plain BODY structure.
import type { MimePart } from './mime-part.ts';
import { renderStructure } from './render-structure.ts';

/** A span of the letter's bytes, `end` exclusive. */
export type Span = { readonly start: number; readonly end: number };

/**
 * The bytes of `BODY[<numbers>.<kind>]`; undefined when the letter has no such section, which IMAP answers with NIL.
 * With no numbers: `body` is the whole letter, `header` and `text` its two halves. With numbers, `header` and `text` speak of the
 * letter inside a message/rfc822 part, `mime` of the part's own header. `[1]` of a letter that is not multipart is its body.
 */
export function locateSection(part: MimePart, section: readonly number[], kind: 'body' | 'mime' | 'header' | 'text'): Span | undefined {
  if (section.length === 0)
    return kind === 'body' ? { start: part.headerStart, end: part.end } : kind === 'mime' ? undefined : half(part, kind);
  const target = findPart(part, section);
  if (!target) return undefined;
  if (kind === 'body') return { start: target.bodyStart, end: target.end };
  if (kind === 'mime') return { start: target.headerStart, end: target.bodyStart };
  return target.message && half(target.message, kind);
}

/** The part that IMAP numbers name: `[2, 1]` is `2.1`; undefined when there is none. An empty list is the letter itself. */
export function findPart(letter: MimePart, section: readonly number[]): MimePart | undefined {
  let container: MimePart | undefined = letter;
  let found: MimePart | undefined = letter;
  for (const number of section) {
    if (!container) return undefined;
    found = container.children ? container.children[number - 1] : number === 1 ? container : undefined;
    // A part of a multipart is opened by what it holds; a letter that is itself the only part is not opened twice.
    container = found?.message ?? (found !== container && found?.children ? found : undefined);
  }
  return found;
}

/** Non-extended BODY. RFC 3501 §7.4.2. */
export function renderBody(part: MimePart): Buffer {
  return Buffer.from(renderStructure(part, 'basic'), 'latin1');
}

/** The same letter once `bytes` of trace header stand before it: everything moves, except that its header now begins with the trace. */
export function shiftPart(part: MimePart, bytes: number): MimePart {
  return { ...moved(part, bytes), headerStart: part.headerStart };
}

function moved(part: MimePart, bytes: number): MimePart {
  return {
    ...part,
    headerStart: part.headerStart + bytes,
    bodyStart: part.bodyStart + bytes,
    end: part.end + bytes,
    ...(part.children ? { children: part.children.map((child) => moved(child, bytes)) } : {}),
    ...(part.message ? { message: moved(part.message, bytes) } : {}),
  };
}

function half(letter: MimePart, kind: 'header' | 'text'): Span {
  return kind === 'header' ? { start: letter.headerStart, end: letter.bodyStart } : { start: letter.bodyStart, end: letter.end };
}
