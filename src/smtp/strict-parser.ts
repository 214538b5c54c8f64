// Splits the bytes of an SMTP connection into commands and letters. Replaces smtp-server's parser, which takes a bare LF
// as the end of a command, unstuffs dots after a bare LF, and writes once per stuffed line without heeding backpressure.
// Here CRLF alone ends a line: RFC 5321 §2.3.8 and §4.1.1.4, the whole defence against SMTP smuggling.
import { Buffer } from 'node:buffer';
import type { SMTPServerDataStream } from 'smtp-server';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

/** Commands answered in one go before other connections get their turn. */
const commandsPerTurn = 100;
/** Bytes of an over-long line that are read in the hope of its end. */
const maxSkippedBytes = 1024 * 1024;
const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const lineThenDot = Buffer.from('\r\n.');

/** What is wrong with a command line that is not handed on. */
export type LineFault = 'bare-lf' | 'too-long';

/** Bounds of one connection's parser, both in bytes. */
export type ParserLimits = {
  readonly maxLineBytes: number;
  /** Bytes of one letter after which reading on is pointless. */
  readonly maxDrainedBytes: number;
};

type Done = (error?: Error | null) => void;

/** A parser for one connection, in command mode until startDataMode() is called. */
export class StrictParser extends SMTPStream {
  /** Called with a faulty line; calling back reads on. */
  onfault: (fault: LineFault, next: () => void) => void = (_fault, next) => next();
  /** Called once when a letter or a line goes on beyond reason. What still comes is dropped until the connection goes. */
  onflood: () => void = () => undefined;
  /** Called once when the final dot of a letter has been read. */
  onletterend: () => void = () => undefined;
  /** True once the client has sent anything: an early talker, when the greeting has not gone out yet. */
  hasReceived = false;

  /** True while a command is carried out and the next one has already come whole. */
  hasCommandWaiting = false;

  readonly #limits: ParserLimits;
  /** Bytes of an unfinished line (command mode), or of what may become the final dot (data mode). */
  #held: Buffer = Buffer.alloc(0);
  /** Above zero while the current line is already too long: its bytes are dropped up to its end. */
  #skippedBytes = 0;
  #atLineStart = false;
  #flooded = false;

  constructor(limits: ParserLimits) {
    super({ maxCommandLength: limits.maxLineBytes });
    this.#limits = limits;
  }

  override startDataMode(maxBytes?: number | string | null): SMTPServerDataStream {
    this.#held = Buffer.alloc(0);
    this.#atLineStart = true;
    return super.startDataMode(maxBytes);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', next: Done): void {
    this.hasReceived = true;
    if (this.isClosed || this.#flooded) {
      next();
      return;
    }
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    if (this._dataMode) this.#readLetter(bytes, next);
    else this.#readCommands(bytes, next);
  }

  /** The parent class forgets a second letter that ends while the first one's continuation runs. */
  override continue(): void {
    const resume = this._continueCallback;
    this._continueCallback = false;
    if (typeof resume === 'function') resume();
  }

  /** A line cut short by the end of the connection is not a command: the parent class would run it. */
  override _flushData(): void {
    this.#held = Buffer.alloc(0);
  }

  #readCommands(bytes: Buffer, next: Done): void {
    let position = 0;
    let busy = false;
    let again = false;
    let turn = 0;
    // Loops while commands answer at once and returns when one takes its time: a thousand pipelined NOOPs must neither
    // deepen the stack nor hold up the neighbours.
    const step = () => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        for (;;) {
          again = false;
          if (this.isClosed) return next();
          if (this._dataMode) return this.#readLetter(bytes.subarray(position), next);
          const end = bytes.indexOf(lf, position);
          if (end === -1) return this.#holdLine(bytes.subarray(position), next);
          const line = bytes.subarray(position, end + 1);
          position = end + 1;
          this.hasCommandWaiting = bytes.indexOf(lf, position) !== -1;
          this.#dispatch(line, step);
          if (!again) return;
          turn += 1;
          if (turn >= commandsPerTurn) {
            turn = 0;
            setImmediate(step);
            return;
          }
        }
      } finally {
        busy = false;
      }
    };
    step();
  }

  /** Keeps an unfinished line, or starts dropping it once it can no longer be a command. */
  #holdLine(rest: Buffer, next: Done): void {
    // One more than the bound: the CR of a line of exactly the bound.
    if (this.#skippedBytes > 0 || rest.length > this.#limits.maxLineBytes + 1) {
      this.#skippedBytes += rest.length;
      if (this.#skippedBytes > maxSkippedBytes) this.#flood();
      // The last byte alone matters: it may be the CR of the line's end.
      this.#held = Buffer.from(rest.subarray(Math.max(0, rest.length - 1)));
    } else if (rest.length > 0) {
      this.#held = Buffer.from(rest);
    }
    next();
  }

  #flood(): void {
    this.#flooded = true;
    this.onflood();
  }

  #dispatch(line: Buffer, step: () => void): void {
    const isTooLong = this.#skippedBytes > 0 || line.length - 2 > this.#limits.maxLineBytes;
    this.#skippedBytes = 0;
    if (line.length < 2 || line[line.length - 2] !== cr) {
      this.onfault('bare-lf', step);
    } else if (isTooLong) {
      this.onfault('too-long', step);
    } else {
      this.oncommand(line.subarray(0, -2), step);
    }
  }

  #readLetter(bytes: Buffer, next: Done): void {
    const kept: Buffer[] = [];
    let position = 0;
    let ended = false;
    while (position < bytes.length) {
      if (this.#atLineStart && bytes[position] === dot) {
        const after = bytes.subarray(position + 1, position + 3);
        if (after.length === 2 && after[0] === cr && after[1] === lf) {
          position += 3;
          ended = true;
          break;
        }
        // Not decided yet: `.` or `.CR` is all there is. Held bytes are at most two.
        if (after.length === 0 || (after.length === 1 && after[0] === cr)) break;
        position += 1; // RFC 5321 §4.5.2: the dot of a longer line is the transport's, not the letter's
      }
      this.#atLineStart = false;
      const found = bytes.indexOf(lineThenDot, position);
      if (found !== -1) {
        kept.push(bytes.subarray(position, found + 2));
        position = found + 2;
        this.#atLineStart = true;
        continue;
      }
      // A final CR waits for its LF; after a final CRLF the next byte may be a dot.
      const end = bytes[bytes.length - 1] === cr ? bytes.length - 1 : bytes.length;
      this.#atLineStart = end - position >= 2 && bytes[end - 1] === lf && bytes[end - 2] === cr;
      kept.push(bytes.subarray(position, end));
      position = end;
      break;
    }
    const rest = bytes.subarray(position);
    const content = kept.length === 1 ? (kept[0] ?? rest) : Buffer.concat(kept);
    this._countDataBytes(content.length);
    if (ended) {
      // The answer to a letter waits for nothing.
      this.hasCommandWaiting = false;
      this._endDataMode(content, rest, next);
      this.onletterend();
      return;
    }
    this.#held = Buffer.from(rest);
    if (this.dataBytes > this.#limits.maxDrainedBytes) {
      this.#flood();
      next();
      return;
    }
    this.#pass(content, next);
  }

  /** Hands bytes to the reader of the letter and waits for it; a reader who left is no reason to stop reading. */
  #pass(content: Buffer, next: Done): void {
    const stream = this._dataStream;
    if (!stream || content.length === 0 || !stream.writable || stream.write(content)) {
      next();
      return;
    }
    const resume = () => {
      stream.off('drain', resume);
      stream.off('close', resume);
      next();
    };
    stream.on('drain', resume);
    stream.on('close', resume);
  }
}
