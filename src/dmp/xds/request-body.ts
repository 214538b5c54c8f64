// Envelopes as bytes on the wire: alone, or as the root of an MTOM package whose other parts are documents streamed from where they lie.
// The length is known before the first byte, and no document is ever held whole. SOAP 1.2 part 2 §7, XOP 1.0 §4, MTOM §3, RFC 2387.
import { randomUUID } from 'node:crypto';

/** What is sent after the header of a POST. */
export type RequestBody = {
  readonly contentType: string;
  readonly sizeBytes: number;
  /** The bytes, from the first each time. */
  open(): AsyncIterable<Buffer>;
};

/** A document of the package; the envelope includes it as `cid:` and its name. */
export type BinaryPart = {
  /** Letters, digits and dots. */
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  open(): AsyncIterable<Buffer>;
};

/** A document is not as long as was said: what was sent cannot be mended, and is not an answerable request. */
export class LengthError extends Error {
  override readonly name = 'LengthError';
}

/** An envelope alone. */
export function plainBody(envelope: string, action: string): RequestBody {
  const bytes = Buffer.from(envelope);
  return {
    contentType: `application/soap+xml; charset=UTF-8; action="${action}"`,
    sizeBytes: bytes.length,
    open: async function* () {
      yield bytes;
    },
  };
}

/** An envelope with documents beside it. */
export function mtomBody(envelope: string, action: string, parts: readonly BinaryPart[]): RequestBody {
  const boundary = `part-${randomUUID()}`;
  const root = `envelope.${randomUUID()}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\n` +
      `Content-Transfer-Encoding: binary\r\nContent-ID: <${root}>\r\n\r\n${envelope}\r\n`,
  );
  const pieces = parts.map((part) => ({
    part,
    before: Buffer.from(
      `--${boundary}\r\nContent-Type: ${part.contentType}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${part.name}>\r\n\r\n`,
    ),
  }));
  const between = Buffer.from('\r\n');
  const tail = Buffer.from(`--${boundary}--\r\n`);
  return {
    contentType:
      `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<${root}>"; ` +
      `start-info="application/soap+xml"; action="${action}"`,
    sizeBytes: pieces.reduce((sum, { part, before }) => sum + before.length + part.sizeBytes + between.length, head.length + tail.length),
    open: async function* () {
      yield head;
      for (const { part, before } of pieces) {
        yield before;
        yield* ofLength(part);
        yield between;
      }
      yield tail;
    },
  };
}

/** The document's bytes. Throws LengthError as soon as their number is known to be wrong. */
async function* ofLength({ open, sizeBytes }: BinaryPart): AsyncGenerator<Buffer, void, undefined> {
  let left = sizeBytes;
  for await (const chunk of open()) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new LengthError('A document is not as long as was said');
}
