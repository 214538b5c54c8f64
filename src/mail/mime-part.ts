// What is known of one MIME part: offsets and the fields IMAP shows. Stored as JSON beside the letter, so absent means default:
// `encoding` 7bit, everything else nothing. Strings hold one character per byte, as they stood in the letter.
import type { Parameters } from './parameters.ts';

/** One part of a letter; the root is the letter itself. Offsets are bytes from the letter's first byte, `end` is exclusive. */
export type MimePart = {
  /** Lower case. */
  readonly type: string;
  readonly subtype: string;
  readonly params?: Parameters;
  readonly id?: string;
  readonly description?: string;
  readonly encoding?: string;
  readonly md5?: string;
  readonly disposition?: { readonly value: string; readonly params: Parameters };
  readonly language?: readonly string[];
  readonly location?: string;
  readonly headerStart: number;
  /** First byte after the blank line that closes the header. */
  readonly bodyStart: number;
  readonly end: number;
  /** Line feeds in the body. */
  readonly lines: number;
  /** Of a multipart: at least one. */
  readonly children?: readonly MimePart[];
  /** Of a message/rfc822 or message/global: the letter inside, whose header starts at this part's bodyStart. */
  readonly message?: MimePart;
  /** Of a message/rfc822 or message/global: the rendered ENVELOPE of the letter inside. */
  readonly envelope?: string;
};

/** Where indexing stops: a letter beyond any of these is described as one opaque part. */
export type MimeLimits = {
  /** Parts inside parts, the letter itself included. */
  readonly depth: number;
  readonly parts: number;
  /** One header block. */
  readonly headerBytes: number;
  /** All header blocks of a letter together. */
  readonly totalHeaderBytes: number;
};

/** Far above any honest letter, low enough to bound memory and the stored description. */
export const defaultMimeLimits: MimeLimits = { depth: 64, parts: 1000, headerBytes: 128 * 1024, totalHeaderBytes: 512 * 1024 };
