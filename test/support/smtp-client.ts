// A small SMTP client that keeps its connection, pipelines an envelope, and knows exactly when a letter was given and answered:
// what crash tests count and load tests must not spend their time on.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export type SmtpClientOptions = {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority the server's certificate must come from. */
  readonly ca: string;
  /** Absent on the door between operators. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Client certificate of an operator. */
  readonly certificate?: { readonly key: string; readonly cert: string };
};

/** A reply: its code and its last line's text. */
export type SmtpReply = { readonly code: number; readonly text: string };

/** One open session. Any method rejects once the connection has gone. */
export class SmtpClient {
  #socket: Socket | TLSSocket;
  #buffered = '';
  #waiting: { resolve: (reply: SmtpReply) => void; reject: (error: Error) => void }[] = [];
  #gone: Error | undefined;
  /** True from the final dot until its answer: a delivery in flight. */
  isDelivering = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, goes to TLS and signs in. */
  static async open(options: SmtpClientOptions): Promise<SmtpClient> {
    const client = new SmtpClient(connectTcp({ host: options.host, port: options.port }).setNoDelay());
    try {
      await client.#expect(client.reply(), 220);
      await client.#expect(client.command('EHLO client.test'), 250);
      await client.#expect(client.command('STARTTLS'), 220);
      await client.#upgrade(options);
      await client.#expect(client.command('EHLO client.test'), 250);
      if (options.login) {
        const { user, password } = options.login;
        await client.#expect(client.command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`), 235);
      }
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  /** Gives one letter. `content` has CRLF line ends, doubled leading dots, and ends with CRLF. The answer is the final one, or the first refusal. */
  async deliver(from: string, to: readonly string[], content: Buffer | string): Promise<SmtpReply> {
    const envelope = [`MAIL FROM:<${from}>`, ...to.map((recipient) => `RCPT TO:<${recipient}>`), 'DATA'];
    this.#socket.write(`${envelope.join('\r\n')}\r\n`);
    const replies = await Promise.all(envelope.map(() => this.reply()));
    const data = replies.at(-1);
    if (data?.code !== 354) {
      const refusal = replies.find((reply) => reply.code >= 400) ?? { code: 0, text: 'no answer' };
      await this.command('RSET');
      return refusal;
    }
    this.#socket.cork();
    this.#socket.write(content);
    this.#socket.write('.\r\n');
    this.#socket.uncork();
    this.isDelivering = true;
    try {
      return await this.reply();
    } finally {
      this.isDelivering = false;
    }
  }

  /** Sends one line and waits for its reply. */
  command(line: string): Promise<SmtpReply> {
    const reply = this.reply();
    this.#socket.write(`${line}\r\n`);
    return reply;
  }

  /** The next reply. */
  reply(): Promise<SmtpReply> {
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#waiting.push({ resolve, reject });
      this.#parse();
    });
  }

  destroy(): void {
    this.#socket.destroy();
    this.#fail(new Error('The client was closed'));
  }

  async #expect(reply: Promise<SmtpReply>, code: number): Promise<void> {
    const got = await reply;
    if (got.code !== code) throw new Error(`Expected ${code}, got ${got.code} ${got.text}`);
  }

  #upgrade(options: SmtpClientOptions): Promise<void> {
    this.#socket.removeAllListeners();
    const secured = connectTls({ socket: this.#socket, ca: options.ca, servername: 'localhost', ...options.certificate });
    this.#socket = secured;
    this.#listen();
    return new Promise((resolve, reject) => secured.once('secureConnect', resolve).once('error', reject));
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffered += chunk.toString('latin1');
      this.#parse();
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The server closed the connection')));
  }

  #parse(): void {
    while (this.#waiting.length > 0) {
      const last = /^\d{3}(?: .*)?\r\n/m.exec(this.#buffered);
      if (!last) return;
      const line = last[0];
      this.#buffered = this.#buffered.slice(last.index + line.length);
      this.#waiting.shift()?.resolve({ code: Number(line.slice(0, 3)), text: line.slice(4).trimEnd() });
    }
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone);
  }
}
