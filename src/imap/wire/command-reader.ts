// Turns what the peer sends into commands, one at a time: lines, small literals collected, the last literal of an APPEND left to be streamed.
// Whatever is sent, next() ends in a command, a bad line or the end, in bounded memory. RFC 3501 §2.2.1, §4.3; RFC 7888.

import type { Readable } from 'node:stream';
import { ByteSource, type RawLine } from './byte-source.ts';
import { type BadLine, badLine, readFraming, readHead, readLiteralSuffix, readTag } from './command-line.ts';
import { Cursor, type Fragment } from './cursor.ts';
import { StreamEndedError } from './stream-ended-error.ts';
import { type CommandTail, type LiteralHost, type Skipped, StreamedLiteral } from './streamed-literal.ts';

/** `name` in capitals, `UID FETCH` as one. `arguments` begins before the space after the name. */
export type RawCommand = {
  readonly kind: 'command';
  readonly tag: string;
  readonly name: string;
  readonly arguments: Cursor;
  readonly literal?: StreamedLiteral;
};

/** A line that is no command: IDLE's DONE, an answer of AUTHENTICATE. One character per byte, without its CRLF. */
export type PlainLine = { readonly kind: 'line'; readonly text: string };

/** What the reader needs of the connection. */
export type CommandReaderOptions = {
  /** Writes `+ text` and flushes it. */
  sendContinuation(text: string): Promise<void>;
  /** Whether a literal of this command is to be streamed. Not asked for a first argument, which is always a name. */
  streamsLiteral(name: string): boolean;
  /** Bound on one command, text and collected literals together. */
  readonly maxCommandBytes: number;
};

const maxLiterals = 64;
const maxDrainedBytes = 1024 * 1024;

type Arguments = { readonly kind: 'arguments'; readonly arguments: Cursor; readonly literal?: StreamedLiteral };

/** One per connection. A call must have settled before the next one begins. */
export class CommandReader {
  readonly #source: ByteSource;
  readonly #options: CommandReaderOptions;
  #maxCommandBytes: number;
  #literal: StreamedLiteral | undefined;
  #isFinished = false;

  constructor(stream: Readable, options: CommandReaderOptions) {
    this.#source = new ByteSource(stream);
    this.#options = options;
    this.#maxCommandBytes = options.maxCommandBytes;
  }

  /** A new bound for the commands to come: a peer that has authenticated is allowed more. */
  setMaxCommandBytes(maxBytes: number): void {
    this.#maxCommandBytes = maxBytes;
  }

  /**
   * Lets go of the stream and drops what the peer sent ahead of TLS, which anybody on the way could have added (CVE-2011-0411).
   * Call it before the OK of STARTTLS is written. Returns the number of bytes dropped.
   */
  detach(): number {
    return this.#source.detach();
  }

  /** Reads from this stream from now on. */
  attach(stream: Readable): void {
    this.#source.attach(stream);
  }

  /** The next command; a bad line to answer; undefined when the peer has gone, or after a fatal bad line. */
  async next(): Promise<RawCommand | BadLine | undefined> {
    if (this.#isFinished) return undefined;
    try {
      const command = await this.#readCommand();
      this.#isFinished = command?.kind === 'bad' && command.isFatal;
      return command;
    } catch (error) {
      if (error instanceof StreamEndedError) return undefined;
      throw error;
    }
  }

  /** One line that is no command, bounded like one unless `maxBytes` says otherwise. After `'aborted'` nothing is lost and the next call goes on. */
  async readLine(options: { maxBytes?: number; signal?: AbortSignal } = {}): Promise<PlainLine | BadLine | 'aborted' | undefined> {
    const line = await this.#source.readLine(options.maxBytes ?? this.#maxCommandBytes, options.signal);
    if (line === undefined || line === 'aborted') return line;
    if (line.kind === 'overlong') return badLine(undefined, 'The line is too long', line.isEndless);
    const { text, fault } = readFraming(line.bytes);
    return fault ? badLine(undefined, fault) : { kind: 'line', text };
  }

  async #readCommand(): Promise<RawCommand | BadLine | undefined> {
    const previous = await this.#settleLiteral();
    if (previous === 'ended') return undefined;
    if (previous === 'endless') return badLine(undefined, 'The literal is too long', true);

    const line = await this.#readRawLine(this.#maxCommandBytes);
    if (!line) return undefined;
    const tag = readTag(line.kind === 'line' ? line.bytes.toString('latin1').trimEnd() : line.head.toString('latin1'));
    const text = await this.#checkedText(line, tag);
    if (typeof text !== 'string') return text;
    const head = readHead(text);
    if (head.kind === 'bad') return this.#refuseRest(text, head);
    const rest = await this.#readArguments(head.tag, head.name, head.rest, this.#maxCommandBytes - text.length, true);
    return rest?.kind === 'arguments' ? { ...rest, kind: 'command', tag: head.tag, name: head.name } : rest;
  }

  async #readArguments(
    tag: string,
    name: string,
    text: string,
    maxBytes: number,
    isFirstPart: boolean,
  ): Promise<Arguments | BadLine | undefined> {
    const fragments: Fragment[] = [];
    let leftBytes = maxBytes;
    for (let literals = 0; ; literals += 1) {
      const suffix = readLiteralSuffix(text);
      if (!suffix) return { kind: 'arguments', arguments: new Cursor([...fragments, text]) };
      fragments.push(suffix.before);
      const isFirstArgument = isFirstPart && fragments.every((fragment) => typeof fragment === 'string' && fragment.trim() === '');
      if (!isFirstArgument && Number.isSafeInteger(suffix.sizeBytes) && this.#options.streamsLiteral(name)) {
        this.#literal = new StreamedLiteral(suffix.sizeBytes, suffix.isSynchronising, this.#literalHost(tag, name));
        return { kind: 'arguments', arguments: new Cursor(fragments), literal: this.#literal };
      }
      if (suffix.sizeBytes > leftBytes) return this.#refuseRest(text, badLine(tag, 'The literal is too long'));
      if (literals >= maxLiterals) return this.#refuseRest(text, badLine(tag, 'Too many literals'));
      if (suffix.isSynchronising) await this.#options.sendContinuation('Ready');
      const octets = await this.#source.readExactly(suffix.sizeBytes);
      const line = octets && (await this.#readRawLine(leftBytes - suffix.sizeBytes));
      if (!octets || !line) return undefined;
      const checked = await this.#checkedText(line, tag);
      if (typeof checked !== 'string') return checked;
      fragments.push(octets);
      text = checked;
      leftBytes -= octets.length + text.length;
    }
  }

  #literalHost(tag: string, name: string): LiteralHost {
    return {
      source: this.#source,
      sendContinuation: () => this.#options.sendContinuation('Ready'),
      skipFrom: (literalBytes) => this.#skipFrom(literalBytes),
      readTail: () => this.#readTail(tag, name),
    };
  }

  async #readTail(tag: string, name: string): Promise<CommandTail | BadLine | undefined> {
    this.#literal = undefined;
    const line = await this.#readRawLine(this.#maxCommandBytes);
    if (!line) return undefined;
    const text = await this.#checkedText(line, tag);
    if (typeof text !== 'string') return this.#finishIfFatal(text);
    const rest = await this.#readArguments(tag, name, text, this.#maxCommandBytes - text.length, false);
    return rest?.kind === 'arguments' ? { ...rest, kind: 'tail' } : this.#finishIfFatal(rest);
  }

  #finishIfFatal(bad: BadLine | undefined): BadLine | undefined {
    if (bad?.isFatal) this.#isFinished = true;
    return bad;
  }

  async #settleLiteral(): Promise<Skipped> {
    const literal = this.#literal;
    this.#literal = undefined;
    return literal ? literal.settle() : 'clean';
  }

  /** The text of a well-framed line; else the bad line to report, once what its literals bring has been passed over. */
  async #checkedText(line: RawLine, tag: string | undefined): Promise<string | BadLine | undefined> {
    if (line.kind === 'overlong')
      return this.#refuseRest(line.tail.toString('latin1').replace(/\r$/, ''), badLine(tag, 'The command is too long', line.isEndless));
    const { text, fault } = readFraming(line.bytes);
    return fault ? this.#refuseRest(text, badLine(tag, fault)) : text;
  }

  // A non-synchronising literal is already on its way: read as a command, its octets would be obeyed. RFC 7888 §8.
  async #refuseRest(text: string, bad: BadLine): Promise<BadLine | undefined> {
    const suffix = bad.isFatal ? undefined : readLiteralSuffix(text);
    if (!suffix || suffix.isSynchronising) return bad;
    const skipped = await this.#skipFrom(suffix.sizeBytes);
    return skipped === 'ended' ? undefined : { ...bad, isFatal: skipped === 'endless' };
  }

  async #skipFrom(literalBytes: number): Promise<Skipped> {
    let leftBytes = maxDrainedBytes;
    for (let sizeBytes = literalBytes; ; ) {
      leftBytes -= sizeBytes;
      if (leftBytes < 0) return 'endless';
      const line = (await this.#source.discard(sizeBytes)) ? await this.#readRawLine(this.#maxCommandBytes) : undefined;
      if (!line) return 'ended';
      if (line.kind === 'overlong' && line.isEndless) return 'endless';
      const end = (line.kind === 'line' ? line.bytes : line.tail).toString('latin1').replace(/\r$/, '');
      const suffix = readLiteralSuffix(end);
      if (!suffix || suffix.isSynchronising) return 'clean';
      leftBytes -= end.length;
      sizeBytes = suffix.sizeBytes;
    }
  }

  async #readRawLine(maxBytes: number): Promise<RawLine | undefined> {
    // The CR is not counted, and a line is always given room to be empty.
    const line = await this.#source.readLine(Math.max(0, maxBytes) + 1);
    return line === 'aborted' ? undefined : line;
  }
}
