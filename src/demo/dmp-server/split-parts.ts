// A multipart body as it streams: one part after another, never held whole. RFC 2046 §5.1.1; MTOM and XOP carry documents so.

/** One part: its header fields by lower-case name, and its bytes, to be read to their end before the next part is asked for. */
export type StreamedPart = { readonly headers: ReadonlyMap<string, string>; readonly body: AsyncIterable<Buffer> };

/** The body is not the multipart it says it is. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

const maxHeaderBytes = 16 * 1024;
const endOfHeaders = Buffer.from('\r\n\r\n');

/** The parts between the delimiters; preamble and epilogue are dropped. Throws MultipartError. */
export async function* splitParts(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<StreamedPart> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const reader = new ByteReader(body);
  for await (const chunk of reader.upTo(delimiter)) void chunk;
  while (!(await reader.startsWith('--'))) {
    const headers = parseHeaders(await gather(reader.upTo(endOfHeaders)));
    let isDrained = false;
    const part = async function* () {
      yield* reader.upTo(delimiter);
      isDrained = true;
    };
    yield { headers, body: part() };
    if (!isDrained) throw new MultipartError('A part was not read to its end');
  }
  await reader.drain();
}

async function gather(chunks: AsyncIterable<Buffer>): Promise<string> {
  const gathered: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxHeaderBytes) throw new MultipartError('The headers of a part are too long');
    gathered.push(chunk);
  }
  return Buffer.concat(gathered).toString('latin1');
}

/** `text` begins with the line break that ends the delimiter's line. */
function parseHeaders(text: string): ReadonlyMap<string, string> {
  if (text !== '' && !text.startsWith('\r\n')) throw new MultipartError('A delimiter is followed by something else');
  const lines = text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const fields = lines.filter((line) => line !== '').map((line) => /^([!-9;-~]+):(.*)$/.exec(line));
  return new Map(
    fields.map((field) => {
      if (!field) throw new MultipartError('A header of a part has no name');
      return [(field[1] ?? '').toLowerCase(), (field[2] ?? '').trim()];
    }),
  );
}

/** Reads a stream up to a mark. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  // The first delimiter may open the body: the line break before it is then missing.
  #held: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The bytes before the mark; the mark itself is passed over. */
  async *upTo(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        if (before.length > 0) yield before;
        return;
      }
      // The end of what is held may be the beginning of the mark.
      const safe = Math.max(0, this.#held.length - mark.length + 1);
      const before = this.#held.subarray(0, safe);
      this.#held = this.#held.subarray(safe);
      if (before.length > 0) yield before;
      await this.#more();
    }
  }

  async startsWith(text: string): Promise<boolean> {
    while (this.#held.length < text.length) await this.#more();
    return this.#held.subarray(0, text.length).toString('latin1') === text;
  }

  async drain(): Promise<void> {
    while (!(await this.#source.next()).done);
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw new MultipartError('The body ends before its last delimiter');
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
  }
}
