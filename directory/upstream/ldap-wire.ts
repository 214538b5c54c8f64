// Questions and answers over one open connection: several at a time, each answer brought to its question by its number. RFC 4511 §4.1.1.
// ldapts writes what we say. Its client is not used: what a hostile server says can keep it reading for ever, or overflow its stack.
import type { Socket } from 'node:net';
import { UnbindRequest } from 'ldapts';
import { type AnswerMessage, type FoundAttributes, firstMessage } from './read-answer.ts';

/** The end of an answer, with the entries that came before it. */
export type Answer = { readonly code: number; readonly entries: readonly FoundAttributes[] };

/** A question: how it is written, what its answer ends with, and how many entries may come before that. */
export type Question = {
  readonly write: (messageId: number) => { write(): Buffer };
  /** First byte of the result. */
  readonly answeredBy: number;
  readonly mostEntries: number;
};

type Waiting = Question & { readonly entries: FoundAttributes[]; resolve(answer: Answer): void; reject(error: Error): void };

/** Numbers begin again after this one. RFC 4511 §4.1.1.1. */
const lastId = 2 ** 31 - 1;

/** An open connection, under TLS already when it is to be. */
export class LdapWire {
  /** Resolves when it has ended, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #heard: Buffer = Buffer.alloc(0);
  #messageId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const waiting of this.#waiting.values()) waiting.reject(new Error('The connection has ended'));
        this.#waiting.clear();
        resolve();
      });
    });
    // Whatever goes wrong ends it, and is told by its end.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => this.#hear(bytes));
  }

  /** The answer. Rejects when the connection ends before, or what comes is no answer. It waits for ever: see to the time. */
  ask(question: Question): Promise<Answer> {
    if (this.#socket.destroyed || !this.#socket.writable) return Promise.reject(new Error('The connection has ended'));
    this.#messageId = this.#messageId === lastId ? 1 : this.#messageId + 1;
    const id = this.#messageId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { ...question, entries: [], resolve, reject });
      this.#socket.write(question.write(id).write());
    });
  }

  /** Says goodbye and ends. */
  leave(): void {
    if (this.#socket.writable) this.#socket.write(new UnbindRequest({ messageId: lastId }).write());
    // Nobody waits for an answer to a goodbye.
    this.#socket.destroySoon();
  }

  #hear(bytes: Buffer): void {
    this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
    try {
      for (let message = firstMessage(this.#heard); message; message = firstMessage(this.#heard)) {
        this.#heard = this.#heard.subarray(message.end);
        this.#take(message);
      }
    } catch {
      // What follows nonsense cannot be understood either.
      this.#socket.destroy();
    }
  }

  #take(message: AnswerMessage): void {
    const waiting = this.#waiting.get(message.id);
    // Nobody asked, or whoever did has gone: a notice that the server is about to leave, among others.
    if (!waiting) return;
    if (message.is === 'entry') {
      if (waiting.entries.push(message.attributes) > waiting.mostEntries) throw new Error('More entries than were asked for');
    } else if (message.is === 'result') {
      if (message.operation !== waiting.answeredBy) throw new Error('An answer to another question');
      this.#waiting.delete(message.id);
      waiting.resolve({ code: message.code, entries: waiting.entries });
    }
  }
}
