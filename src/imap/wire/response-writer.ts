// Writes answers: small pieces are gathered into one batch, messages are streamed, and a peer that reads slowly slows the writer down
// instead of filling the memory. RFC 3501 §7.

import type { Writable } from 'node:stream';
import { responseText } from './response-text.ts';
import { StreamEndedError } from './stream-ended-error.ts';

/** The word of a status answer. RFC 3501 §7.1. */
export type Status = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

const batchBytes = 32 * 1024;
// Above this, a chunk goes to the stream as it is: copying it into the batch would cost more than a write.
const copiedBytes = 8 * 1024;

/** One per connection. Lines are whole when a method returns; only literal() spans awaits, and it must run alone. */
export class ResponseWriter {
  #stream: Writable;
  #batch: (string | Buffer)[] = [];
  #batchedBytes = 0;
  #isMidLiteral = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.attach(stream);
  }

  /** Writes to this stream from now on: the TLS socket after STARTTLS. What was written before must have been flushed. */
  attach(stream: Writable): void {
    this.#stream = stream;
    // Failures show in room(), flush() and literal(); without a listener they would end the process.
    stream.on('error', ignore);
  }

  /** While true, writing anything else would corrupt the message under way: the other methods throw. */
  get isMidLiteral(): boolean {
    return this.#isMidLiteral;
  }

  /** Appends protocol text or bytes as they are; the caller has quoted what needs it and ends the line. */
  write(piece: string | Buffer): void {
    if (this.#isMidLiteral) throw new Error('Nothing may be written while a literal is under way');
    this.#append(piece);
  }

  /** `* text` */
  untagged(text: string): void {
    this.write(`* ${text}\r\n`);
  }

  /** `* OK [code] text` and its kin. `code` without its brackets. */
  untaggedStatus(status: Status, code: string | undefined, text: string): void {
    this.write(statusLine('*', status, code, text));
  }

  /** The answer that ends a command. `code` without its brackets. */
  tagged(tag: string, status: 'OK' | 'NO' | 'BAD', code: string | undefined, text: string): void {
    this.write(statusLine(tag, status, code, text));
  }

  /** `+ text`: the peer may go on. For AUTHENTICATE the text is base64, and may be empty. */
  continuation(text: string): void {
    this.write(`+ ${text}\r\n`);
  }

  /**
   * `{size}` and the octets. The source must give exactly `sizeBytes`: if it fails, or gives more or less, the stream is destroyed
   * (the peer could not tell message from protocol any more) and the error thrown.
   */
  async literal(sizeBytes: number, source: AsyncIterable<Buffer>): Promise<void> {
    this.write(`{${sizeBytes}}\r\n`);
    this.#isMidLiteral = true;
    try {
      let leftBytes = sizeBytes;
      for await (const chunk of source) {
        leftBytes -= chunk.length;
        if (leftBytes < 0) throw new Error(`A literal of ${sizeBytes} bytes has more`);
        this.#append(chunk);
        await this.room();
      }
      if (leftBytes > 0) throw new Error(`A literal of ${sizeBytes} bytes lacks ${leftBytes}`);
    } catch (error) {
      this.#stream.destroy();
      throw error;
    } finally {
      this.#isMidLiteral = false;
    }
  }

  /** Resolves when more may be written: at once, unless the peer is behind. Throws StreamEndedError when it has gone. */
  async room(): Promise<void> {
    if (this.#stream.destroyed || this.#stream.writableEnded) throw new StreamEndedError('The peer has gone');
    if (this.#stream.writableNeedDrain) await this.#drained();
  }

  /** Hands everything to the stream and waits until the peer can take more. Throws StreamEndedError when it has gone. */
  async flush(): Promise<void> {
    this.#handOver();
    await this.room();
  }

  #append(piece: string | Buffer): void {
    const length = typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    if (length === 0) return;
    if (typeof piece !== 'string' && length > copiedBytes) {
      this.#handOver();
      this.#send(piece);
      return;
    }
    this.#batch.push(piece);
    this.#batchedBytes += length;
    if (this.#batchedBytes >= batchBytes) this.#handOver();
  }

  #handOver(): void {
    if (this.#batchedBytes === 0) return;
    const batch = Buffer.allocUnsafe(this.#batchedBytes);
    let at = 0;
    for (const piece of this.#batch) at += typeof piece === 'string' ? batch.write(piece, at) : piece.copy(batch, at);
    this.#batch = [];
    this.#batchedBytes = 0;
    this.#send(batch);
  }

  #send(bytes: Buffer): void {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(bytes);
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      const settle = () => {
        stream.off('drain', settle);
        stream.off('close', settle);
        stream.off('error', settle);
        if (stream.destroyed) reject(new StreamEndedError('The peer has gone'));
        else resolve();
      };
      stream.on('drain', settle);
      stream.on('close', settle);
      stream.on('error', settle);
    });
  }
}

function statusLine(tag: string, status: Status, code: string | undefined, text: string): string {
  const bracketed = code === undefined ? '' : `[${responseCode(code)}] `;
  return `${tag} ${status} ${bracketed}${responseText(text)}\r\n`;
}

// The callers build codes from numbers and fixed words; this only makes sure that no mistake of theirs can end the line early.
function responseCode(code: string): string {
  return code.replace(/[^\x20-\x7e]/g, '?');
}

function ignore(): void {}
