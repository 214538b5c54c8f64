// A client that says exactly what it is told, byte for byte, and reads what comes back: what the tests of this folder talk with.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { testCertificate } from '../support/tls.ts';
import * as ber from './ber.ts';
import * as requests from './requests.ts';

export type ReadEntry = { readonly dn: string; readonly attributes: Readonly<Record<string, readonly string[]>> };

export type Answer = {
  readonly messageId: number;
  readonly tag: number;
  readonly entry?: ReadEntry;
  readonly code?: number;
  readonly matchedDn?: string;
  readonly text?: string;
  /** Of an extended answer. */
  readonly oid?: string;
  readonly value?: string;
  /** Of the page that follows; empty after the last. */
  readonly cookie?: Buffer;
};

/** All that answers one request. */
export type Answers = Answer & { readonly entries: readonly ReadEntry[] };

export class LdapClient {
  #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #wake: (() => void) | undefined;
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async secure(port: number): Promise<LdapClient> {
    const socket = connectTls({ host: '127.0.0.1', port, ca: testCertificate().cert, servername: 'localhost' });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return new LdapClient(socket);
  }

  static async plain(port: number): Promise<LdapClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new LdapClient(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends a request under a number of its own, which it returns. */
  send(operation: Buffer, controls: readonly Buffer[] = []): number {
    this.#lastId += 1;
    this.write(requests.message(this.#lastId, operation, controls));
    return this.#lastId;
  }

  /** Sends a request and reads all that answers it. */
  async ask(operation: Buffer, controls: readonly Buffer[] = []): Promise<Answers> {
    return this.answersTo(this.send(operation, controls));
  }

  async search(options: requests.SearchOptions, controls: readonly Buffer[] = []): Promise<Answers> {
    return this.ask(requests.search(options), controls);
  }

  async bind(name: string, password: string): Promise<number | undefined> {
    return (await this.ask(requests.bind(name, password))).code;
  }

  /** What answers a request that was sent: entries, then the result. Rejects when something else comes, or nothing more. */
  async answersTo(messageId: number): Promise<Answers> {
    const entries: ReadEntry[] = [];
    for (;;) {
      const answer = await this.next();
      if (!answer) throw new Error('The server has closed the connection');
      if (answer.messageId !== messageId)
        throw new Error(`An answer to ${answer.messageId} (${answer.code} ${answer.text}), not to ${messageId}`);
      if (!answer.entry) return { ...answer, entries };
      entries.push(answer.entry);
    }
  }

  /** The next message of the server; undefined when it has closed the connection. */
  async next(): Promise<Answer | undefined> {
    for (;;) {
      const length = ber.wholeLength(this.#received);
      if (length !== undefined) {
        const whole = this.#received.subarray(0, length);
        this.#received = this.#received.subarray(length);
        return readAnswer(whole);
      }
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The handshake after StartTLS. */
  async upgrade(): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const socket = connectTls({ socket: plain, ca: testCertificate().cert, servername: 'localhost' });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    this.#socket = socket;
    this.#listen();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    for (const event of ['end', 'error', 'close']) {
      this.#socket.on(event, () => {
        this.#hasEnded = true;
        this.#wake?.();
      });
    }
  }
}

function readAnswer(bytes: Buffer): Answer {
  const [whole] = ber.readElements(bytes);
  const [id, operation, controls] = ber.readElements(whole?.content ?? Buffer.alloc(0));
  if (!id || !operation) throw new Error('An answer without an operation');
  const messageId = id.content.readIntBE(0, id.content.length);
  const parts = ber.readElements(operation.content);
  const text = (at: number) => parts[at]?.content.toString() ?? '';
  if (operation.tag === 0x64) return { messageId, tag: operation.tag, entry: { dn: text(0), attributes: readAttributes(parts[1]) } };
  const code = parts[0]?.content[0] ?? -1;
  const [oid, value] = [0x8a, 0x8b].map((tag) => parts.find((part) => part.tag === tag)?.content.toString());
  const cookie = controls && readCookie(controls);
  return {
    messageId,
    tag: operation.tag,
    code,
    matchedDn: text(1),
    text: text(2),
    ...(oid !== undefined && { oid }),
    ...(value !== undefined && { value }),
    ...(cookie && { cookie }),
  };
}

function readAttributes(list: ber.ReadElement | undefined): Record<string, string[]> {
  return Object.fromEntries(
    ber.readElements(list?.content ?? Buffer.alloc(0)).map((attribute) => {
      const [name, values] = ber.readElements(attribute.content);
      return [
        name?.content.toString() ?? '',
        ber.readElements(values?.content ?? Buffer.alloc(0)).map(({ content }) => content.toString()),
      ];
    }),
  );
}

/** The cookie of RFC 2696, in the last part of the one control that answers carry. */
function readCookie({ content }: ber.ReadElement): Buffer | undefined {
  const [control] = ber.readElements(content);
  const value = ber.readElements(control?.content ?? Buffer.alloc(0)).at(-1)?.content ?? Buffer.alloc(0);
  const [pair] = ber.readElements(value);
  return ber.readElements(pair?.content ?? Buffer.alloc(0))[1]?.content;
}
