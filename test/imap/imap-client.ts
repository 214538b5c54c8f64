// A client that shows the wire as it is: sends lines, returns answers with their literals in them. For transcripts, and for bad manners.
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { testCertificate } from '../support/tls.ts';

/** The tagged answer and what came before it, literals included, one character per byte, without the final CRLF. */
export type Answer = { readonly status: string; readonly text: string; readonly untagged: readonly string[] };

/** One connection. A response that never comes fails the test after a few seconds. */
export class ImapClient {
  #socket: Socket;
  #received = Buffer.alloc(0);
  #waiting: (() => void) | undefined;
  #tags = 0;
  #hasEnded = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects with TLS from the first byte; the greeting has not been read. */
  static async secure(port: number): Promise<ImapClient> {
    const socket = connectSecure({ host: '127.0.0.1', port, ca: testCertificate().cert, servername: 'localhost' });
    const client = new ImapClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Connects in the clear; the greeting has not been read. */
  static async plain(port: number): Promise<ImapClient> {
    const socket = connectPlain({ host: '127.0.0.1', port });
    const client = new ImapClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Moves to TLS, after the OK of STARTTLS. */
  async upgrade(): Promise<void> {
    this.#socket.removeAllListeners('data');
    const socket = connectSecure({ socket: this.#socket, ca: testCertificate().cert, servername: 'localhost' });
    this.#socket = socket;
    this.#listen();
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next whole response; undefined once the server has closed. */
  async next(timeoutMs = 10_000): Promise<string | undefined> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const length = responseLength(this.#received);
      if (length > 0) {
        const response = this.#received.subarray(0, length - 2).toString('latin1');
        this.#received = this.#received.subarray(length);
        return response;
      }
      if (this.#hasEnded) return undefined;
      if (Date.now() > end) throw new Error(`No response within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - Date.now() + 1);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Responses up to the first that fits. */
  async until(shape: RegExp): Promise<string[]> {
    const responses: string[] = [];
    for (;;) {
      const response = await this.next();
      if (response === undefined) throw new Error(`The server closed before ${shape}`);
      responses.push(response);
      if (shape.test(response)) return responses;
    }
  }

  /** Sends one command, each literal after the server has asked for it, and reads to its tagged answer. */
  async send(command: string, ...literals: (string | Buffer)[]): Promise<Answer> {
    this.#tags += 1;
    const tag = `T${this.#tags}`;
    this.write(`${tag} ${command}`);
    for (const literal of literals) {
      const bytes = Buffer.from(literal);
      this.write(`{${bytes.length}}\r\n`);
      const asked = await this.next();
      if (!asked?.startsWith('+')) return toAnswer(tag, [asked ?? '']);
      this.write(bytes);
    }
    this.write('\r\n');
    return toAnswer(tag, await this.until(new RegExp(`^${tag} `)));
  }

  /** Sends a command that must succeed and returns the untagged responses. */
  async ok(command: string, ...literals: (string | Buffer)[]): Promise<readonly string[]> {
    return (await this.expect('OK', command, literals)).untagged;
  }

  /** Sends a command that must be refused and returns the text of the refusal. */
  async no(command: string, ...literals: (string | Buffer)[]): Promise<string> {
    return (await this.expect('NO', command, literals)).text;
  }

  /** Sends a command that must not be understood. */
  async bad(command: string): Promise<string> {
    return (await this.expect('BAD', command, [])).text;
  }

  close(): void {
    this.#socket.destroy();
  }

  private async expect(status: string, command: string, literals: (string | Buffer)[]): Promise<Answer> {
    const answer = await this.send(command, ...literals);
    if (answer.status !== status) throw new Error(`${command.slice(0, 60)}: expected ${status}, got ${answer.status} ${answer.text}`);
    return answer;
  }

  #listen(): void {
    const wake = () => this.#waiting?.();
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      wake();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#hasEnded = true;
      wake();
    });
  }
}

function toAnswer(tag: string, responses: string[]): Answer {
  const [, status = '', text = ''] = new RegExp(`^${tag} (OK|NO|BAD) (.*)$`, 's').exec(responses.at(-1) ?? '') ?? [];
  return { status, text, untagged: responses.slice(0, -1) };
}

/** Bytes of the first whole response, literals followed; 0 when it is not whole yet. */
function responseLength(received: Buffer): number {
  for (let at = 0; ; ) {
    const end = received.indexOf('\r\n', at);
    if (end < 0) return 0;
    const literal = /\{(\d+)\}$/.exec(received.subarray(at, end).toString('latin1'));
    if (!literal) return end + 2;
    at = end + 2 + Number(literal[1]);
    if (at > received.length) return 0;
  }
}
