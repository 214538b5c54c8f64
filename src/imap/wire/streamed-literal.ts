// The literal of an APPEND: offered with its size, accepted or not, then handed over while it arrives. RFC 3501 §4.3, §6.3.11; RFC 7888 for `{n+}`.

import type { ByteSource } from './byte-source.ts';
import type { BadLine } from './command-line.ts';
import type { Cursor } from './cursor.ts';
import { StreamEndedError } from './stream-ended-error.ts';

/** What follows a streamed literal in the same command; it may announce another one (MULTIAPPEND, RFC 3502). */
export type CommandTail = { readonly kind: 'tail'; readonly arguments: Cursor; readonly literal?: StreamedLiteral };

/** What a literal needs of the reader that offers it. */
export type LiteralHost = {
  readonly source: ByteSource;
  sendContinuation(): Promise<void>;
  readTail(): Promise<CommandTail | BadLine | undefined>;
  /** Passes over what is left of the command: so many octets of a literal, then the rest of its line, and so on. */
  skipFrom(literalBytes: number): Promise<Skipped>;
};

/** `clean`: the next line is a new command. `endless`: it would take too long to find out. */
export type Skipped = 'clean' | 'endless' | 'ended';

/** Accept it or refuse it; doing neither refuses it when the next command is read. */
export class StreamedLiteral {
  /** Octets announced; up to Number.MAX_SAFE_INTEGER, so compare with the limit before accepting. */
  readonly sizeBytes: number;
  /** The peer waits for a word before it sends. When false, it is sending already. */
  readonly isSynchronising: boolean;
  readonly #host: LiteralHost;
  #leftBytes: number;
  #state: 'offered' | 'accepted' | 'settled' = 'offered';
  #skipped: Skipped = 'clean';

  constructor(sizeBytes: number, isSynchronising: boolean, host: LiteralHost) {
    this.sizeBytes = sizeBytes;
    this.isSynchronising = isSynchronising;
    this.#host = host;
    this.#leftBytes = sizeBytes;
  }

  /** Tells the peer to send; the octets come as they arrive, at the pace they are taken. StreamEndedError when the peer goes before the last. */
  async accept(): Promise<AsyncIterable<Buffer>> {
    if (this.#state !== 'offered') throw new Error('This literal was accepted or refused before');
    this.#state = 'accepted';
    if (this.isSynchronising) await this.#host.sendContinuation();
    return this.#body();
  }

  /** Leaves the literal. The peer of a synchronising one sends nothing more; what another one sends is passed over, up to a bound. */
  async refuse(): Promise<void> {
    if (this.#state !== 'offered') return;
    this.#state = 'settled';
    if (!this.isSynchronising) this.#skipped = await this.#host.skipFrom(this.sizeBytes);
  }

  /** What follows in the same command. The body must have been read to its end, else the rest of it is passed over first. */
  async tail(): Promise<CommandTail | BadLine | undefined> {
    if (this.#state !== 'accepted') throw new Error('Only an accepted literal has a tail to read');
    return (await this.#discardBody()) ? this.#host.readTail() : undefined;
  }

  /** For the reader, before the next command: whatever of this one was left unread is passed over. */
  async settle(): Promise<Skipped> {
    if (this.#state === 'offered') await this.refuse();
    if (this.#state === 'accepted') {
      this.#skipped = (await this.#discardBody()) ? await this.#host.skipFrom(0) : 'ended';
    }
    return this.#skipped;
  }

  // Whoever accepted the size invited all of it, so it is passed over whole, however long.
  #discardBody(): Promise<boolean> {
    const leftBytes = this.#leftBytes;
    this.#state = 'settled';
    this.#leftBytes = 0;
    return this.#host.source.discard(leftBytes);
  }

  async *#body(): AsyncIterable<Buffer> {
    while (this.#leftBytes > 0) {
      const bytes = await this.#host.source.read(this.#leftBytes);
      if (!bytes) throw new StreamEndedError('The peer went before the end of its literal');
      this.#leftBytes -= bytes.length;
      yield bytes;
    }
  }
}
