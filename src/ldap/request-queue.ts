// The requests of one client, served one after another in the order they came, and read a little ahead of their turn so that the client
// can still give one up. RFC 4511 §3.1 lets a server answer in any order; this one is the easiest to reason about.

/** A request that waits for its turn, or has it. */
type Waiting = { readonly giveUp: AbortController; readonly isServed: Promise<void>; readonly mayBeGivenUp: boolean };

/** One client's requests. */
export class RequestQueue {
  readonly #waiting = new Map<number, Waiting>();
  readonly #maxWaiting: number;
  #last: Promise<void> = Promise.resolve();

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** True when nothing waits and nothing is being served. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** True when a request of that number is waiting or being served. */
  has(messageId: number): boolean {
    return this.#waiting.has(messageId);
  }

  /** Adds a request; resolves when there is room for the next one. `serve` never rejects; it is called even for what was given up. */
  async add(messageId: number, mayBeGivenUp: boolean, serve: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const giveUp = new AbortController();
    const isServed = this.#last.then(async () => {
      await serve(giveUp.signal);
      this.#waiting.delete(messageId);
    });
    this.#last = isServed;
    this.#waiting.set(messageId, { giveUp, isServed, mayBeGivenUp });
    const [oldest] = this.#waiting.values();
    if (this.#waiting.size >= this.#maxWaiting) await oldest?.isServed;
  }

  /** The client does not want the answer any more. RFC 4511 §4.11: a number that is not known means nothing. */
  giveUp(messageId: number): void {
    const waiting = this.#waiting.get(messageId);
    if (waiting?.mayBeGivenUp) waiting.giveUp.abort();
  }

  /** The client has gone: nothing is wanted any more. */
  giveUpAll(): void {
    for (const { giveUp } of this.#waiting.values()) giveUp.abort();
  }

  /** Resolves when everything that was added has been served. */
  async served(): Promise<void> {
    await this.#last;
  }
}
