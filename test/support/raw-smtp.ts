// An SMTP client that sends exactly the bytes it is told to, in the segments it is told to: what hostile peers do.
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** One raw connection. Replies are whole, multi-line ones joined by LF. */
export class RawSmtp {
  socket: Socket;
  #text = '';
  #replies: string[] = [];
  #waiting: ((reply: string | undefined) => void)[] = [];
  #isClosed = false;
  /** Resolves when the connection is gone, however it went. */
  closed: Promise<void> = Promise.resolve();

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  /** Connects and, unless told not to, reads the greeting. */
  static async connect(port: number, options: { greeting?: boolean } = {}): Promise<RawSmtp> {
    const client = new RawSmtp(connectTcp({ host: '127.0.0.1', port, noDelay: true }));
    if (options.greeting !== false) await client.reply();
    return client;
  }

  /** Connects with TLS from the first byte and reads the greeting. */
  static async connectTls(port: number, options: ConnectionOptions): Promise<RawSmtp> {
    const client = new RawSmtp(connectTls({ host: '127.0.0.1', port, ...options }));
    await client.reply();
    return client;
  }

  /** Bytes as they are. */
  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** One byte per segment. */
  async drip(bytes: string): Promise<void> {
    for (const byte of Buffer.from(bytes, 'latin1')) {
      await new Promise((resolve) => this.socket.write(Buffer.of(byte), resolve));
      await new Promise(setImmediate);
    }
  }

  /** Sends a line and waits for its reply; undefined when the connection ends instead. */
  async ask(line: string): Promise<string | undefined> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** The next reply; undefined when the connection ends first. */
  reply(): Promise<string | undefined> {
    const next = this.#replies.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Replies already here and not yet read. */
  get unread(): readonly string[] {
    return this.#replies;
  }

  /** The TLS handshake, after STARTTLS was answered. Rejects when it fails. */
  async upgrade(options: ConnectionOptions): Promise<void> {
    this.socket.removeAllListeners();
    const secured = connectTls({ socket: this.socket, ...options });
    this.socket = secured;
    this.#listen();
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', () => resolve());
      secured.once('error', reject);
      secured.once('close', () => reject(new Error('Closed during the handshake')));
    });
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      for (;;) {
        const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text);
        if (!match) break;
        this.#text = this.#text.slice(match[0].length);
        const reply = match[0].trimEnd().replaceAll('\r\n', '\n');
        const waiting = this.#waiting.shift();
        if (waiting) waiting(reply);
        else this.#replies.push(reply);
      }
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.#isClosed = true;
        for (const waiting of this.#waiting.splice(0)) waiting(undefined);
        resolve();
      });
    });
  }
}
