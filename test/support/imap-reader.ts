// A small IMAP client that reads fast and parses little: it finds the end of an answer, counts bytes, and hears of new messages.
// For loads and for readers slower than the server; conversations are for imapflow or a transcript.
import { connect, type TLSSocket } from 'node:tls';

export type ImapReaderOptions = { readonly port: number; readonly ca: string; readonly user: string; readonly password: string };

/** What an answer came to. `text` is its beginning, up to some kilobytes. */
export type ImapAnswer = { readonly bytes: number; readonly text: string };

const keptBytes = 16 * 1024;
const tailBytes = 1024;

/** One session, signed in. One command at a time. */
export class ImapReader {
  readonly socket: TLSSocket;
  /** Called for each untagged line that says EXISTS, while a command or IDLE is under way. */
  onExists: (count: number) => void = () => undefined;
  #tag = 0;
  #waiting:
    | { end: string; bytes: number; head: Buffer[]; tail: Buffer; resolve: (answer: ImapAnswer) => void; reject: (error: Error) => void }
    | undefined;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection')));
  }

  /** Connects with TLS from the first byte and signs in. */
  static async open(options: ImapReaderOptions): Promise<ImapReader> {
    const socket = connect({ host: '127.0.0.1', port: options.port, ca: options.ca, servername: 'localhost' });
    const reader = new ImapReader(socket);
    await reader.#until('* OK');
    await reader.command(`LOGIN ${options.user} ${options.password}`);
    return reader;
  }

  /** Sends a command and reads to its tagged line. Rejects when that is not OK. */
  async command(line: string): Promise<ImapAnswer> {
    const tag = `r${++this.#tag}`;
    const answer = this.#until(`${tag} `);
    this.socket.write(`${tag} ${line}\r\n`);
    return answer;
  }

  /** APPENDs a message as a synchronising literal. */
  async append(folder: string, message: Buffer): Promise<ImapAnswer> {
    const tag = `r${++this.#tag}`;
    const ready = this.#until('+ ');
    this.socket.write(`${tag} APPEND ${folder} {${message.length}}\r\n`);
    await ready;
    const answer = this.#until(`${tag} `);
    this.socket.write(message);
    this.socket.write('\r\n');
    return answer;
  }

  /** Begins IDLE; `onExists` hears what comes. */
  async idle(): Promise<void> {
    const tag = `r${++this.#tag}`;
    const ready = this.#until('+ ');
    this.socket.write(`${tag} IDLE\r\n`);
    await ready;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #until(end: string): Promise<ImapAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { end, bytes: 0, head: [], tail: Buffer.alloc(0), resolve, reject };
    });
  }

  #take(chunk: Buffer): void {
    const waiting = this.#waiting;
    if (!waiting) {
      for (const [, count] of chunk.toString('latin1').matchAll(/^\* (\d+) EXISTS\r$/gm)) this.onExists(Number(count));
      return;
    }
    if (waiting.bytes < keptBytes) waiting.head.push(chunk);
    waiting.bytes += chunk.length;
    waiting.tail = chunk.length >= tailBytes ? chunk.subarray(-tailBytes) : Buffer.concat([waiting.tail, chunk]).subarray(-tailBytes);
    // The answer ends with a whole line of ours: what stands before it need not be looked at.
    if (waiting.tail.at(-1) !== 0x0a) return;
    const lines = waiting.tail.toString('latin1').trimEnd().split('\r\n');
    const last = lines.at(-1) ?? '';
    if (!last.startsWith(waiting.end)) return;
    this.#waiting = undefined;
    const text = Buffer.concat(waiting.head).toString('latin1');
    if (/^r\d+ (NO|BAD)/.test(last)) waiting.reject(new Error(`Refused: ${last}`));
    else waiting.resolve({ bytes: waiting.bytes, text });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
