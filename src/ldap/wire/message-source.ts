// Cuts a stream into whole messages. Reads from it only when asked, never keeps more than one message that is allowed, and does not wait
// for ever for the end of one that has begun. RFC 4511 §5.1.
import type { Readable } from 'node:stream';
import { LdapProtocolError } from './protocol-error.ts';

/** Bounds of what one message may cost us. */
export type MessageBounds = {
  /** Longest message, its own header included. */
  readonly maxMessageBytes: number;
  /** From the first byte of a message to its last. */
  readonly maxMessageMs: number;
};

/** Every LDAPMessage is a SEQUENCE. */
const sequence = 0x30;

/** Longest length field read: four bytes after the first. */
const maxLengthBytes = 4;

/** One reader at a time: a call must have settled before the next one begins. */
export class MessageSource {
  #stream: Readable | undefined;
  #bounds: MessageBounds;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  readonly #onReadable = () => this.#wake?.();
  readonly #onEnd = () => {
    this.#hasEnded = true;
    this.#wake?.();
  };

  constructor(stream: Readable, bounds: MessageBounds) {
    this.#bounds = bounds;
    this.attach(stream);
  }

  /** Other bounds from the next message on. */
  setBounds(bounds: MessageBounds): void {
    this.#bounds = bounds;
  }

  /** Reads from this stream from now on. */
  attach(stream: Readable): void {
    this.#stream = stream;
    this.#hasEnded = stream.destroyed || stream.readableEnded;
    stream.on('readable', this.#onReadable);
    for (const event of ['end', 'error', 'close']) stream.on(event, this.#onEnd);
  }

  /** Lets go of the stream and drops every byte that has come in and was not asked for. */
  detach(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (!stream) return;
    while (stream.read() !== null) {
      // dropped
    }
    stream.off('readable', this.#onReadable);
    for (const event of ['end', 'error', 'close']) stream.off(event, this.#onEnd);
  }

  /** The next message, whole. Undefined when the stream has ended between two. Throws a fatal LdapProtocolError. */
  async next(): Promise<Buffer | undefined> {
    const first = await this.#take(1);
    if (!first) return undefined;
    if (first[0] !== sequence) throw new LdapProtocolError('An LDAP message begins with a sequence', true);
    const endsAt = Date.now() + this.#bounds.maxMessageMs;
    const header = [first, await this.#takeBefore(1, endsAt)];
    let contentBytes = header[1]?.[0] ?? 0;
    if (contentBytes >= 0x80) {
      const lengthBytes = contentBytes - 0x80;
      if (lengthBytes === 0 || lengthBytes > maxLengthBytes)
        throw new LdapProtocolError('A length is definite, in four bytes at most', true);
      const length = await this.#takeBefore(lengthBytes, endsAt);
      header.push(length);
      contentBytes = length.readUIntBE(0, lengthBytes);
    }
    const headerBytes = header.reduce((sum, { length }) => sum + length, 0);
    // Before a byte of it is kept.
    if (headerBytes + contentBytes > this.#bounds.maxMessageBytes) throw new LdapProtocolError('The message is too long', true);
    if (contentBytes > 0) header.push(await this.#takeBefore(contentBytes, endsAt));
    return Buffer.concat(header);
  }

  async #takeBefore(bytes: number, endsAt: number): Promise<Buffer> {
    const taken = await this.#take(bytes, endsAt);
    if (!taken) throw new LdapProtocolError('The message has no end', true);
    return taken;
  }

  /** Exactly so many bytes; undefined when the stream ends, or the time does, before they are there. */
  async #take(bytes: number, endsAt?: number): Promise<Buffer | undefined> {
    for (;;) {
      const taken: Buffer | null | undefined = this.#stream?.read(bytes);
      // At its end a stream gives what is left, were it less.
      if (taken) return taken.length === bytes ? taken : undefined;
      if (this.#hasEnded) return undefined;
      const leftMs = endsAt === undefined ? undefined : endsAt - Date.now();
      if (leftMs !== undefined && leftMs <= 0) return undefined;
      await this.#woken(leftMs);
    }
  }

  #woken(waitMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.#wake = undefined;
        clearTimeout(timer);
        resolve();
      };
      const timer = waitMs === undefined ? undefined : setTimeout(settle, waitMs);
      this.#wake = settle;
    });
  }
}
