// Bytes as they come from the peer, in lines or in counted runs. Pulls from the stream only when asked, so a peer that sends faster
// than it is served waits in its own kernel; keeps no buffer while idle; looks at each byte once, however small the segments.

import type { Readable } from 'node:stream';

/** A line without its LF, or what is known of one that was too long: its first and last bytes. `isEndless`: its end was not even awaited. */
export type RawLine =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'overlong'; readonly head: Buffer; readonly tail: Buffer; readonly isEndless: boolean };

const empty = Buffer.alloc(0);
const headBytes = 256;
const tailBytes = 64;
const maxSkippedBytes = 1024 * 1024;
const smallestGrowth = 256;

/** One reader at a time: a call must have settled before the next one begins. */
export class ByteSource {
  #stream: Readable | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;
  // Bytes between start and end are waiting. Slices below `end` are handed out, so only the room above it is ever written to.
  #buffer: Buffer = empty;
  #start = 0;
  #end = 0;
  #scanned = 0;
  #skipped: { head: Buffer; tail: Buffer; bytes: number } | undefined;

  readonly #onReadable = () => this.#wake?.();
  readonly #onEnd = () => {
    this.#hasEnded = true;
    this.#wake?.();
  };

  constructor(stream: Readable) {
    this.attach(stream);
  }

  /** Reads from this stream from now on. */
  attach(stream: Readable): void {
    this.#stream = stream;
    this.#hasEnded = stream.destroyed || stream.readableEnded;
    stream.on('readable', this.#onReadable);
    for (const event of ['end', 'error', 'close']) stream.on(event, this.#onEnd);
  }

  /** Lets go of the stream and drops every byte received so far; returns how many. A pending read sees the end. */
  detach(): number {
    const stream = this.#stream;
    let dropped = this.#end - this.#start;
    this.#consume(dropped);
    this.#stream = undefined;
    this.#skipped = undefined;
    this.#onEnd();
    if (!stream) return dropped;
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) dropped += chunk.length;
    stream.off('readable', this.#onReadable);
    for (const event of ['end', 'error', 'close']) stream.off(event, this.#onEnd);
    // An error that comes before the next owner listens must not end the process.
    stream.on('error', ignore);
    return dropped;
  }

  /** Up to LF. Undefined when the stream ends first; after `'aborted'` nothing is lost and the next call goes on. */
  async readLine(maxBytes: number, signal?: AbortSignal): Promise<RawLine | 'aborted' | undefined> {
    for (;;) {
      const line = this.#takeLine(maxBytes);
      if (line) return line;
      const filled = await this.#fill(signal);
      if (filled !== 'filled') return filled === 'aborted' ? 'aborted' : undefined;
    }
  }

  /** The next bytes, 1 to `maxBytes` of them; undefined when the stream has ended. */
  async read(maxBytes: number): Promise<Buffer | undefined> {
    if (this.#start === this.#end && (await this.#fill()) !== 'filled') return undefined;
    const bytes = this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + maxBytes));
    this.#consume(bytes.length);
    return bytes;
  }

  /** Exactly so many bytes, in one buffer of their own; undefined when the stream ends first. */
  async readExactly(sizeBytes: number): Promise<Buffer | undefined> {
    const whole = Buffer.alloc(sizeBytes);
    for (let at = 0; at < sizeBytes; ) {
      const bytes = await this.read(sizeBytes - at);
      if (!bytes) return undefined;
      at += bytes.copy(whole, at);
    }
    return whole;
  }

  /** Passes over so many bytes; false when the stream ends first. */
  async discard(sizeBytes: number): Promise<boolean> {
    for (let leftBytes = sizeBytes; leftBytes > 0; ) {
      const bytes = await this.read(leftBytes);
      if (!bytes) return false;
      leftBytes -= bytes.length;
    }
    return true;
  }

  #takeLine(maxBytes: number): RawLine | undefined {
    const waiting = this.#buffer.subarray(this.#start, this.#end);
    const lineFeed = waiting.indexOf(0x0a, this.#scanned - this.#start);
    const bytes = lineFeed < 0 ? waiting : waiting.subarray(0, lineFeed);
    if (this.#skipped || bytes.length > maxBytes) return this.#skip(bytes, lineFeed >= 0);
    this.#scanned = this.#end;
    if (lineFeed < 0) return undefined;
    this.#consume(lineFeed + 1);
    return { kind: 'line', bytes };
  }

  #skip(bytes: Buffer, isWhole: boolean): RawLine | undefined {
    this.#skipped ??= { head: Buffer.from(bytes.subarray(0, headBytes)), tail: empty, bytes: 0 };
    const skipped = this.#skipped;
    skipped.bytes += bytes.length;
    skipped.tail = Buffer.concat([skipped.tail, bytes.subarray(-tailBytes)]).subarray(-tailBytes);
    this.#consume(bytes.length + (isWhole ? 1 : 0));
    const isEndless = !isWhole && skipped.bytes > maxSkippedBytes;
    if (!isWhole && !isEndless) return undefined;
    this.#skipped = undefined;
    return { kind: 'overlong', head: skipped.head, tail: skipped.tail, isEndless };
  }

  #consume(length: number): void {
    this.#start += length;
    if (this.#start >= this.#end) {
      this.#buffer = empty;
      this.#start = 0;
      this.#end = 0;
    }
    this.#scanned = this.#start;
  }

  async #fill(signal?: AbortSignal): Promise<'filled' | 'ended' | 'aborted'> {
    for (;;) {
      const chunk: Buffer | null | undefined = this.#stream?.read();
      if (chunk) {
        this.#append(chunk);
        return 'filled';
      }
      if (this.#hasEnded) return 'ended';
      if (signal?.aborted) return 'aborted';
      await this.#woken(signal);
    }
  }

  #woken(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.#wake = undefined;
        signal?.removeEventListener('abort', settle);
        resolve();
      };
      this.#wake = settle;
      signal?.addEventListener('abort', settle);
    });
  }

  #append(chunk: Buffer): void {
    const waitingBytes = this.#end - this.#start;
    if (waitingBytes === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#scanned = 0;
      return;
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(smallestGrowth, 2 * (waitingBytes + chunk.length)));
      this.#buffer.copy(grown, 0, this.#start, this.#end);
      this.#buffer = grown;
      this.#scanned -= this.#start;
      this.#start = 0;
      this.#end = waitingBytes;
    }
    this.#end += chunk.copy(this.#buffer, this.#end);
  }
}

function ignore(): void {}
