// The MIME index of a letter, made in one pass while its bytes stream by in chunks of any size: offsets of every part, the rendered
// ENVELOPE and BODYSTRUCTURE, what SEARCH needs, and the decoded size of attachments (requirement 16). RFC 2045, RFC 2046, RFC 3501.
// Only header blocks and the beginning of one line are ever held; time is linear in the letter. It never throws: any bytes are a letter.
// The same bytes give the same index however they are cut: every decision is taken on whole lines, ended by LF.
import { clipText } from './charset.ts';
import { parseDate } from './date.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { type Headers, parseHeaders } from './headers.ts';
import { defaultMimeLimits, type MimeLimits, type MimePart } from './mime-part.ts';
import { type Delimiter, maxDelimiterBytes } from './open-boundaries.ts';
import { PartTree, type Place } from './part-tree.ts';
import { renderEnvelope } from './render-envelope.ts';
import { renderStructure } from './render-structure.ts';
import { readSearchTexts, type SearchTexts } from './search-texts.ts';

export type { MimeLimits, MimePart } from './mime-part.ts';
export type { SearchTexts } from './search-texts.ts';

/** All that is kept of a letter beside its bytes. */
export type MimeIndex = {
  readonly part: MimePart;
  /** Rendered ENVELOPE, parentheses included. */
  readonly envelope: Buffer;
  /** Rendered extended BODYSTRUCTURE, parentheses included. */
  readonly bodystructure: Buffer;
  readonly search: SearchTexts;
  readonly messageId: string | null;
  /** What the Date field says. */
  readonly sentAt: Date | null;
  readonly sizeBytes: number;
  /** True when a limit was passed: the letter is described as one part of application/octet-stream. */
  readonly truncated: boolean;
};

const maxMessageId = 998;
const noHeaders = parseHeaders(Buffer.alloc(0));

/** Reads one letter. Call write() for every chunk, then end() once. */
export class MimeIndexer {
  readonly #limits: MimeLimits;
  readonly #tree: PartTree;
  readonly #header = new GrowingBuffer(2048);
  readonly #held = new GrowingBuffer(maxDelimiterBytes);
  #inHeader = true;
  #headerLine = 0;
  #headerTotal = 0;
  /** In a body: the current line is known to be no delimiter. */
  #midLine = false;
  /** Bytes of the line break before the current line (RFC 2046 §5.1.1: it belongs to the delimiter that may follow). */
  #breakBytes = 0;
  #lines = 0;
  #size = 0;
  #lastByte = 0;
  #rootHeaders: Headers | undefined;
  #rootBodyStart = 0;
  /** Bytes seen when a limit was passed; the rest counts as one attachment. */
  #opaqueFrom: number | undefined;
  #attachmentBytesBefore = 0;

  constructor(limits: MimeLimits = defaultMimeLimits) {
    this.#limits = limits;
    this.#tree = new PartTree(limits);
  }

  /** Decoded bytes of attachments so far: a delivery may stop as soon as its limit is passed. Requirement 16. */
  get attachmentBytes(): number {
    return this.#opaqueFrom === undefined ? this.#tree.attachmentBytes : this.#attachmentBytesBefore + this.#size - this.#opaqueFrom;
  }

  /** The next bytes of the letter; they are not kept after the call. */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#opaqueFrom === undefined)
      at = this.#inHeader ? this.#readHeaderLine(chunk, at) : this.#readBody(chunk, at);
    this.#size += chunk.length;
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
  }

  /** The letter is over: its index. */
  end(): MimeIndex {
    if (this.#opaqueFrom === undefined) this.#endLastLine();
    const truncated = this.#opaqueFrom !== undefined;
    const part = truncated ? this.#opaquePart() : this.#tree.finish({ offset: this.#size, lines: this.#lines });
    const headers = this.#rootHeaders ?? noHeaders;
    return {
      part,
      envelope: Buffer.from(renderEnvelope(headers), 'latin1'),
      bodystructure: Buffer.from(renderStructure(part, 'extended'), 'latin1'),
      search: readSearchTexts(headers),
      messageId: clipText(headers.decoded('message-id') ?? '', maxMessageId) || null,
      sentAt: parseDate(headers.get('date') ?? ''),
      sizeBytes: this.#size,
      truncated,
    };
  }

  /** Takes one header line, or as much of it as the chunk has; returns where to go on. */
  #readHeaderLine(chunk: Buffer, at: number): number {
    const lf = chunk.indexOf(10, at);
    const stop = lf < 0 ? chunk.length : lf + 1;
    const tooLong = this.#header.length + stop - at > this.#limits.headerBytes;
    if (tooLong || this.#headerTotal + stop - at > this.#limits.totalHeaderBytes) return this.#giveUp(chunk, at);
    this.#header.append(chunk, at, stop);
    this.#headerTotal += stop - at;
    if (lf < 0) return stop;
    this.#lines += 1;
    const { bytes, length } = this.#header;
    const start = this.#headerLine;
    const after = this.#size + stop;
    const isBlank = length - start === 1 || (length - start === 2 && bytes[start] === 13);
    const delimiter = isBlank ? undefined : this.#tree.boundaries.match(bytes, start, length);
    if (delimiter) this.#delimit(delimiter, after - (length - start), after, this.#lines - 1);
    else if (isBlank) this.#endHeader(after);
    else this.#headerLine = length;
    this.#breakBytes = bytes[length - 2] === 13 && length - start > 1 ? 2 : 1;
    return stop;
  }

  /** Takes body bytes up to the end of the chunk or to the line after a delimiter. */
  #readBody(chunk: Buffer, at: number): number {
    if (this.#tree.boundaries.isEmpty) return this.#countBody(chunk, at, chunk.length);
    if (this.#midLine) return this.#readToDelimiter(chunk, at);
    if (chunk[at] !== 45 && this.#held.length < 2) return this.#notDelimiter(at);
    const lf = chunk.indexOf(10, at);
    const stop = lf < 0 ? chunk.length : lf + 1;
    if (this.#held.length + stop - at > maxDelimiterBytes) return this.#notDelimiter(at);
    if (lf >= 0 && this.#held.length === 0) return this.#readWholeLine(chunk, at, stop, this.#size + stop);
    this.#held.append(chunk, at, stop);
    if (lf < 0) return stop;
    const { bytes, length } = this.#held;
    this.#held.length = 0;
    this.#readWholeLine(bytes, 0, length, this.#size + stop);
    return stop;
  }

  /** Inside a line: moves to the next delimiter, or to the last line of the chunk when it may still become one. */
  #readToDelimiter(chunk: Buffer, from: number): number {
    const length = chunk.length;
    for (let lf = chunk.indexOf(10, from); lf >= 0; lf = chunk.indexOf(10, lf + 1)) {
      const start = lf + 1;
      if (start < length && (chunk[start] !== 45 || (start + 1 < length && chunk[start + 1] !== 45))) continue;
      const next = chunk.indexOf(10, start);
      // Most lines that begin with two hyphens are body all the same: they stay in the run that is counted as one.
      const mayMatch = next < 0 ? length - start <= maxDelimiterBytes : next - start < maxDelimiterBytes;
      if (!mayMatch || (next >= 0 && !this.#tree.boundaries.match(chunk, start, next + 1))) continue;
      this.#countBody(chunk, from, start);
      this.#breakBytes = (lf > 0 ? chunk[lf - 1] : this.#lastByte) === 13 ? 2 : 1;
      this.#midLine = false;
      return start;
    }
    return this.#countBody(chunk, from, length);
  }

  /** A whole line that begins like a delimiter; `after` is the letter's offset behind it. */
  #readWholeLine(bytes: Buffer, start: number, stop: number, after: number): number {
    const delimiter = this.#tree.boundaries.match(bytes, start, stop);
    if (delimiter) {
      this.#lines += 1;
      this.#delimit(delimiter, after - (stop - start), after, this.#lines - 1);
    } else this.#countBody(bytes, start, stop);
    this.#breakBytes = bytes[stop - 2] === 13 ? 2 : 1;
    return stop;
  }

  /** What was held of the line, if anything, is body after all. */
  #notDelimiter(at: number): number {
    const { bytes, length } = this.#held;
    this.#held.length = 0;
    this.#midLine = true;
    if (length > 0) this.#countBody(bytes, 0, length);
    return at;
  }

  #countBody(bytes: Buffer, start: number, stop: number): number {
    let lineFeeds = 0;
    let carriageReturns = 0;
    for (let lf = start < stop ? bytes.indexOf(10, start) : -1; lf >= 0 && lf < stop; lf = bytes.indexOf(10, lf + 1)) {
      lineFeeds += 1;
      if ((lf > 0 ? bytes[lf - 1] : this.#lastByte) === 13) carriageReturns += 1;
    }
    this.#lines += lineFeeds;
    this.#tree.counter?.add(bytes, start, stop, lineFeeds, carriageReturns);
    return stop;
  }

  #endHeader(after: number): void {
    this.#inHeader = this.#tree.endHeader(this.#takeHeaders(after), { offset: after, lines: this.#lines }) === 'header';
    this.#beginSection(after);
  }

  #delimit(delimiter: Delimiter, lineStart: number, after: number, linesBefore: number): void {
    const end = { offset: lineStart - this.#breakBytes, lines: linesBefore - 1 };
    if (this.#inHeader) this.#cutHeader(this.#headerLine, end);
    this.#tree.closeInside(delimiter.level, end, this.#breakBytes);
    if (delimiter.closing) this.#tree.beginEpilogue();
    else this.#tree.beginChild(after);
    this.#inHeader = !delimiter.closing;
    this.#beginSection(after);
  }

  /** A header that ends without its blank line: `length` bytes of it are header. */
  #cutHeader(length: number, end: Place): void {
    this.#header.length = length;
    this.#tree.cutHeader(this.#takeHeaders(end.offset), end);
    this.#inHeader = false;
  }

  #takeHeaders(bodyStart: number): Headers {
    const headers = parseHeaders(this.#header.view());
    if (!this.#rootHeaders) this.#rootBodyStart = bodyStart;
    this.#rootHeaders ??= headers;
    return headers;
  }

  #beginSection(after: number): void {
    this.#header.length = 0;
    this.#headerLine = 0;
    this.#midLine = false;
    if (this.#tree.isBeyondLimits) this.#opaqueFrom ??= this.#stopAt(after);
  }

  /** The letter's last line, when nothing ends it: it may still be a delimiter, and a header may still be open. */
  #endLastLine(): void {
    const line = this.#inHeader ? this.#header : this.#held;
    const start = this.#inHeader ? this.#headerLine : 0;
    const delimiter = line.length > start ? this.#tree.boundaries.match(line.bytes, start, line.length) : undefined;
    if (delimiter) this.#delimit(delimiter, this.#size - (line.length - start), this.#size, this.#lines);
    else if (!this.#inHeader && line.length > 0) this.#countBody(line.bytes, 0, line.length);
    if (this.#inHeader && this.#opaqueFrom === undefined) this.#cutHeader(this.#header.length, { offset: this.#size, lines: this.#lines });
  }

  /** A header is too large: the rest of the letter passes unread. Of the letter's own header, what was read is still shown. */
  #giveUp(chunk: Buffer, at: number): number {
    // Whole lines only: how much of the last one has arrived depends on the chunks.
    this.#rootHeaders ??= parseHeaders(this.#header.bytes.subarray(0, this.#headerLine));
    this.#opaqueFrom = this.#stopAt(this.#size + at - (this.#header.length - this.#headerLine));
    return chunk.length;
  }

  #stopAt(offset: number): number {
    this.#attachmentBytesBefore = this.#tree.attachmentBytes;
    return offset;
  }

  #opaquePart(): MimePart {
    const place = { headerStart: 0, bodyStart: this.#rootBodyStart, end: this.#size, lines: 0 };
    return { type: 'application', subtype: 'octet-stream', encoding: 'binary', ...place };
  }
}
