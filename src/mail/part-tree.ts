// The tree of parts while it grows: which part is being read, which multiparts are open around it, what is already closed.
// It knows no bytes, only offsets and header blocks; mime-index.ts reads the lines and tells it what they mean.
import { type ContentFields, isAttachment, isInnerLetter, isLetterType, readContentFields } from './content-fields.ts';
import { type DecodedSize, decodedSizeFor } from './decoded-size.ts';
import type { Headers } from './headers.ts';
import type { MimeLimits, MimePart } from './mime-part.ts';
import { maxBoundaryBytes, OpenBoundaries } from './open-boundaries.ts';
import { parameter } from './parameters.ts';
import { emptyEnvelope, renderEnvelope } from './render-envelope.ts';
import { trimBlank } from './trim-blank.ts';

/** A place in the letter: the offset, and how many line feeds stand before it. */
export type Place = { readonly offset: number; readonly lines: number };

type GrowingPart = {
  readonly headerStart: number;
  readonly inDigest: boolean;
  readonly insideLetter: boolean;
  content: ContentFields | undefined;
  body: Place | undefined;
  end: number;
  lines: number;
  boundary: string | undefined;
  envelope: string | undefined;
  message: GrowingPart | undefined;
  children: GrowingPart[];
  decoded: DecodedSize | undefined;
};

/** What follows a header block: another header (a letter inside), or a body. */
export type AfterHeader = 'header' | 'body';

/** Grows from the letter's first byte to its last. */
export class PartTree {
  readonly boundaries = new OpenBoundaries();
  readonly #limits: MimeLimits;
  readonly #root: GrowingPart;
  readonly #open: GrowingPart[];
  #parts = 1;
  #closedAttachmentBytes = 0;

  constructor(limits: MimeLimits) {
    this.#limits = limits;
    this.#root = growingPart(0, false, false);
    this.#open = [this.#root];
  }

  /** Decoded size of the attachments so far, the one being read included. */
  get attachmentBytes(): number {
    return this.#closedAttachmentBytes + (this.counter?.bytes(0) ?? 0);
  }

  /** Counts the body being read; undefined when its size does not matter. */
  get counter(): DecodedSize | undefined {
    return this.#open.at(-1)?.decoded;
  }

  /** True once the letter has more parts, or deeper ones, than the limits allow. */
  get isBeyondLimits(): boolean {
    return this.#parts > this.#limits.parts || this.#open.length > this.#limits.depth;
  }

  /** The header of the part being read ends; `body` is the first byte after its blank line. */
  endHeader(headers: Headers, body: Place): AfterHeader {
    const part = this.#settle(headers, body);
    const content = part.content;
    if (!content) return 'body';
    if (isInnerLetter(content)) {
      part.message = this.#begin(body.offset, false, true);
      return 'header';
    }
    const boundary = content.type === 'multipart' ? usableBoundary(content) : undefined;
    if (boundary !== undefined) {
      part.boundary = boundary;
      this.boundaries.open(boundary, this.#open.length - 1);
    } else if (part.insideLetter || isAttachment(content)) part.decoded = decodedSizeFor(content.encoding);
    return 'body';
  }

  /** A delimiter of the multipart at `level` (or the end of the letter) cuts the header being read: its part has no body. */
  cutHeader(headers: Headers, end: Place): void {
    this.#settle(headers, end);
  }

  /** A delimiter line: everything inside the multipart at `level` ends at `end`, `breakBytes` before that line. */
  closeInside(level: number, end: Place, breakBytes: number): void {
    while (this.#open.length > level + 1) this.#close(end, breakBytes);
  }

  /** After closeInside(): the multipart's next part begins. */
  beginChild(headerStart: number): void {
    const parent = this.#open.at(-1);
    parent?.children.push(this.#begin(headerStart, parent.content?.subtype === 'digest', parent.insideLetter));
  }

  /** After closeInside(): the multipart's closing delimiter has been seen; what follows is its epilogue. */
  beginEpilogue(): void {
    const part = this.#open.at(-1);
    if (part?.boundary !== undefined) this.boundaries.close(part.boundary);
    if (part) part.boundary = undefined;
  }

  /** The letter is over. */
  finish(end: Place): MimePart {
    while (this.#open.length > 0) this.#close(end, 0);
    return finished(this.#root);
  }

  #begin(headerStart: number, inDigest: boolean, insideLetter: boolean): GrowingPart {
    const part = growingPart(headerStart, inDigest, insideLetter);
    this.#parts += 1;
    this.#open.push(part);
    return part;
  }

  #settle(headers: Headers, body: Place): GrowingPart {
    const part = this.#open.at(-1) ?? this.#root;
    part.content = readContentFields(headers, part.inDigest);
    part.body = { offset: Math.max(body.offset, part.headerStart), lines: body.lines };
    const around = this.#open.at(-2);
    if (around?.message === part) around.envelope = renderEnvelope(headers);
    return part;
  }

  #close(end: Place, breakBytes: number): void {
    const part = this.#open.pop();
    if (!part) return;
    const body = part.body ?? end;
    // A delimiter right after another leaves an empty part, whose line break is not there to be taken off: what holds it ends no sooner.
    part.end = Math.max(end.offset, body.offset, part.children.at(-1)?.end ?? 0, part.message?.end ?? 0);
    part.lines = Math.max(0, end.lines - body.lines);
    if (part.boundary !== undefined) this.boundaries.close(part.boundary);
    this.#closedAttachmentBytes += part.decoded?.bytes(breakBytes) ?? 0;
    part.decoded = undefined;
  }
}

function growingPart(headerStart: number, inDigest: boolean, insideLetter: boolean): GrowingPart {
  const nothing = { content: undefined, body: undefined, boundary: undefined, envelope: undefined, message: undefined, decoded: undefined };
  return { headerStart, inDigest, insideLetter, ...nothing, end: headerStart, lines: 0, children: [] };
}

function usableBoundary(content: ContentFields): string | undefined {
  const boundary = trimBlank(parameter(content.params, 'boundary') ?? '');
  return boundary === '' || boundary.length > maxBoundaryBytes ? undefined : boundary;
}

function finished(part: GrowingPart): MimePart {
  const content = part.content ?? { type: 'text', subtype: 'plain' };
  const bodyStart = part.body?.offset ?? part.end;
  const found = { ...content, headerStart: part.headerStart, bodyStart, end: part.end, lines: part.lines };
  // IMAP cannot say "a multipart of nothing": when no boundary ever appeared, its body is shown as one text part.
  if (content.type === 'multipart')
    return { ...found, children: part.children.length > 0 ? part.children.map(finished) : [bodyAsText(found)] };
  if (!isLetterType(content)) return found;
  // A letter that is encoded, or cut off in its header, still has to be described as a letter: all of it is its text.
  return { ...found, message: part.message ? finished(part.message) : bodyAsText(found), envelope: part.envelope ?? emptyEnvelope };
}

function bodyAsText({ bodyStart, end, lines }: { bodyStart: number; end: number; lines: number }): MimePart {
  return { type: 'text', subtype: 'plain', headerStart: bodyStart, bodyStart, end, lines };
}
