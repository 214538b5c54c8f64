// Sends answers: small ones travel together, and a peer that reads slowly slows down what is written to it instead of filling the memory.
import type { Writable } from 'node:stream';

/** The client has gone: nobody is left to answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

const batchBytes = 32 * 1024;

/** One per connection. Every answer is whole when a method returns. */
export class AnswerWriter {
  #stream: Writable;
  #batch: Buffer[] = [];
  #batchedBytes = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Writes to this stream from now on. What was written before must have been flushed. */
  attach(stream: Writable): void {
    this.#stream = stream;
  }

  /** Takes an answer, and waits when the peer is far behind. Throws ClientGoneError. */
  async write(answer: Buffer): Promise<void> {
    this.#batch.push(answer);
    this.#batchedBytes += answer.length;
    if (this.#batchedBytes >= batchBytes) await this.flush();
  }

  /** Hands everything over, and waits until the peer can take more. Throws ClientGoneError. */
  async flush(): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) throw new ClientGoneError('The client has gone');
    if (this.#batch.length > 0) stream.write(Buffer.concat(this.#batch));
    this.#batch = [];
    this.#batchedBytes = 0;
    if (!stream.writableNeedDrain) return;
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        stream.off('drain', settle);
        stream.off('close', settle);
        if (stream.destroyed) reject(new ClientGoneError('The client has gone'));
        else resolve();
      };
      stream.on('drain', settle);
      stream.on('close', settle);
    });
  }
}
